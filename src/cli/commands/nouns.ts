import { type Command, Option } from "commander";
import type { Agent } from "../../contract/agent.js";
import type { Paper } from "../../contract/paper.js";
import type { Project } from "../../contract/project.js";
import type { NewTask, Task } from "../../contract/task.js";
import {
  agentRoles,
  agentStatuses,
  paperStatuses,
  projectStatuses,
  taskPriorities,
  taskStatuses,
} from "../../contract/vocabulary.js";
import type { Cli } from "../cli.js";
import { nounCommand } from "../noun-command.js";
import { printOne } from "../print.js";
import { shareText, shown, timeText } from "../text-value.js";
import { withApi } from "../with-api.js";

/** `projects list|get`. */
export const projectsCommand = (cli: Cli): Command =>
  nounCommand<Project>(cli, {
    name: "projects",
    singular: "project",
    about: "what the lab wants to find out",
    ref: "slug or id",
    filters: [
      {
        field: "status",
        option: "--status <status>",
        about: "only these",
        choices: projectStatuses,
      },
    ],
    list: ({ client }, query) => client.projects.list(query),
    get: ({ client }, ref) => client.projects.get(ref),
    columns: {
      PROJECT: ({ slug }) => slug,
      STATUS: ({ status }) => status,
      RUNNING: ({ experiments }) => String(experiments.running),
      QUEUED: ({ experiments }) => String(experiments.queued + experiments.blocked),
      PASS: ({ experiments }) => String(experiments.pass),
      FAIL: ({ experiments }) => String(experiments.fail),
      NAME: ({ name }) => name,
      GOAL: ({ goal }) => goal ?? "",
    },
  });

/** `agents list|get`. */
export const agentsCommand = (cli: Cli): Command =>
  nounCommand<Agent>(cli, {
    name: "agents",
    singular: "agent",
    about: "agents that are registered with the lab",
    ref: "name or id",
    filters: [
      { field: "role", option: "--role <role>", about: "only these", choices: agentRoles },
      {
        field: "status",
        option: "--status <status>",
        about: "only these",
        choices: agentStatuses,
      },
    ],
    list: ({ client }, query) => client.agents.list(query),
    get: ({ client }, ref) => client.agents.get(ref),
    columns: {
      AGENT: ({ name }) => name,
      ROLE: ({ role }) => role,
      STATUS: ({ status }) => status,
      MODEL: ({ model }) => shown(model),
      "LAST ACTIVE": ({ lastActiveAt }) => timeText(lastActiveAt, "never"),
      CAPABILITIES: ({ capabilities }) => capabilities.join(","),
    },
  });

/** `papers list|get`. */
export const papersCommand = (cli: Cli): Command =>
  nounCommand<Paper>(cli, {
    name: "papers",
    singular: "paper",
    about: "papers, with the versions that the pipeline records",
    ref: "slug or id",
    filters: [
      {
        field: "status",
        option: "--status <status>",
        about: "only these",
        choices: paperStatuses,
      },
      { field: "projectId", option: "--project <slug>", about: "only those of a project" },
    ],
    list: ({ client }, query) => client.papers.list(query),
    get: ({ client }, ref) => client.papers.get(ref),
    columns: {
      PAPER: ({ slug }) => slug,
      STATUS: ({ status }) => status,
      VERSION: ({ version }) => String(version),
      READY: ({ readiness }) => shareText(readiness),
      CHANGED: ({ updatedAt }) => timeText(updatedAt),
      TITLE: ({ title }) => title,
    },
  });

/** `tasks list|get|create|move`. */
export function tasksCommand(cli: Cli): Command {
  const tasks = nounCommand<Task>(cli, {
    name: "tasks",
    singular: "task",
    about: "what is to be done",
    ref: "display id (T-104) or id",
    filters: [
      { field: "status", option: "--status <status>", about: "only these", choices: taskStatuses },
      { field: "priority", option: "--priority <priority>", about: "only these", choices: taskPriorities },
      { field: "assignedTo", option: "--assigned-to <agent>", about: "only those of an agent, or captain" },
      { field: "experimentId", option: "--experiment <id>", about: "only those about an experiment" },
    ],
    list: ({ client }, query) => client.tasks.list(query),
    get: ({ client }, ref) => client.tasks.get(ref),
    columns: {
      TASK: ({ taskId }) => taskId,
      STATUS: ({ status }) => status,
      PRIORITY: ({ priority }) => priority,
      DUE: ({ dueDate }) => timeText(dueDate).slice(0, 10),
      EXPERIMENT: ({ experimentId }) => shown(experimentId),
      TITLE: ({ title }) => title,
    },
  });
  addTaskCreation(tasks, cli);
  return tasks;
}

const taskText = ({ taskId, status, title }: Task) => `${taskId} ${status}: ${title}`;

interface TaskOptions {
  readonly description?: string;
  readonly priority?: Task["priority"];
  readonly assignedTo?: string;
  readonly experiment?: string;
  readonly json?: boolean;
}

function addTaskCreation(tasks: Command, cli: Cli): void {
  tasks
    .command("create <title>")
    .description("put one into the backlog")
    .option("--description <text>", "more about it")
    .addOption(new Option("--priority <priority>", "default medium").choices(taskPriorities))
    .option("--assigned-to <agent>", "an agent's name, or captain: the person who leads the lab")
    .option("--experiment <id>", "what it is about")
    .option("--json", "as JSON")
    .action((title: string, { json, experiment, ...told }: TaskOptions) =>
      withApi(cli, async ({ client, lab }) => {
        const about = experiment === undefined ? {} : { experimentId: experiment };
        const draft: NewTask = { labId: lab.id, title, ...told, ...about };
        printOne(cli, json, await client.tasks.create(draft), taskText);
      }),
    );

  tasks
    .command("move <task> <status>")
    .description(`to ${taskStatuses.join(", ")}`)
    .option("--json", "as JSON")
    .action((ref: string, status: Task["status"], { json }: TaskOptions) =>
      withApi(cli, async ({ client }) => printOne(cli, json, await client.tasks.patch(ref, { status }), taskText)),
    );
}
