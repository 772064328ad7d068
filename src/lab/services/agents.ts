import {
  type Agent,
  type AgentActivity,
  type AgentMessage,
  type AgentMetrics,
  AgentPatch,
  type AgentRole,
  type AgentStatus,
  NewAgent,
  NewAgentActivity,
  NewAgentMessage,
} from "../../contract/agent.js";
import type { Clock } from "../../core/clock.js";
import { noteRead } from "../access/asking.js";
import { parseOrRefuse } from "../refusal.js";
import type { LabStore } from "../store/store.js";
import { insertAgent, moveAgent, patchAgent, removeAgent } from "./agent-edits.js";
import { readAgentMetrics } from "./agent-metrics.js";
import { insertActivity, insertMessage, listActivity, listMessages } from "./agent-records.js";
import { agentIn, needAgent, toAgent } from "./agent-rows.js";
import type { LabsService } from "./labs.js";
import { type Page, type PageRequest, readPage } from "./page.js";

export interface AgentsQuery extends PageRequest {
  readonly labId: string;
  readonly role?: AgentRole | undefined;
  readonly status?: AgentStatus | undefined;
}

/** The registry of agents. The lab runs none: programs report for them. `ref` is a document id or a name. */
export interface AgentsService {
  create(draft: NewAgent): Promise<Agent>;
  /** Newest first. */
  list(query: AgentsQuery): Promise<Page<Agent>>;
  get(ref: string): Promise<Agent>;
  patch(ref: string, changes: AgentPatch): Promise<Agent>;
  /** Who reported to it reports to its superior then; its tasks are nobody's. */
  remove(ref: string): Promise<{ readonly id: string; readonly name: string }>;
  /** To `active` or `idle`. Twice is safe; refuses a retired one. */
  start(ref: string): Promise<Agent>;
  stop(ref: string): Promise<Agent>;
  /** Newest first; the newest 10,000 of each agent are kept. */
  activity(ref: string, page: PageRequest): Promise<Page<AgentActivity>>;
  report(ref: string, entry: NewAgentActivity): Promise<AgentActivity>;
  /** For the agent of that name in the lab, which is registered as a worker when there is none yet. */
  reportByName(lab: string, name: string, entry: NewAgentActivity): Promise<AgentActivity>;
  /** Newest first; the newest 10,000 of each agent are kept. */
  messages(ref: string, page: PageRequest): Promise<Page<AgentMessage>>;
  /** Keeps it; nothing answers by itself. */
  send(ref: string, message: NewAgentMessage): Promise<AgentMessage>;
  metrics(ref: string): Promise<AgentMetrics>;
  /** How many a lab has. */
  count(labId: string): Promise<number>;
}

export interface AgentsParts {
  readonly store: LabStore;
  readonly labs: LabsService;
  readonly clock: Clock;
}

export function createAgents({ store, labs, clock }: AgentsParts): AgentsService {
  const move = (ref: string, status: "active" | "idle") =>
    store.change(async (change) => moveAgent(change, await needAgent(change.tx, ref), status));
  return {
    start: (ref) => move(ref, "active"),
    stop: (ref) => move(ref, "idle"),

    async create(draft) {
      const wanted = parseOrRefuse(NewAgent, draft);
      const labId = await labs.idOf(wanted.labId);
      return store.change(async (change) => toAgent(await insertAgent(change, labId, wanted)));
    },

    async list({ role, status, ...query }) {
      const labId = await labs.idOf(query.labId);
      noteRead(`agents:${labId}`);
      const ofLab = store.db.selectFrom("agents").where("lab_id", "=", labId);
      return readPage(query, {
        place: (id) => ofLab.select("n").where("id", "=", id).executeTakeFirst(),
        rows(before, limit) {
          let rows = ofLab.selectAll().where("n", "<", before).orderBy("n", "desc").limit(limit);
          if (role !== undefined) rows = rows.where("role", "=", role);
          if (status !== undefined) rows = rows.where("status", "=", status);
          return rows.execute();
        },
        to: toAgent,
      });
    },

    async get(ref) {
      const row = await needAgent(store.db, ref);
      noteRead(`agent:${row.id}`);
      return toAgent(row);
    },

    async patch(ref, wanted) {
      const changes = parseOrRefuse(AgentPatch.strict(), wanted);
      return store.change(async (change) => patchAgent(change, await needAgent(change.tx, ref), changes));
    },

    async remove(ref) {
      return store.change(async (change) => removeAgent(change, await needAgent(change.tx, ref)));
    },

    async reportByName(lab, name, entry) {
      const agent = parseOrRefuse(NewAgent.shape.name, name, "agent: ");
      const parsed = parseOrRefuse(NewAgentActivity, entry);
      const labId = await labs.idOf(lab);
      return store.change(async (change) => {
        const row = await agentIn(change.tx, labId, agent);
        return insertActivity(change, row ?? (await insertAgent(change, labId, { labId, name: agent })), parsed);
      });
    },

    async activity(ref, page) {
      return listActivity(store.db, await needAgent(store.db, ref), page);
    },

    async report(ref, entry) {
      const parsed = parseOrRefuse(NewAgentActivity, entry);
      return store.change(async (change) => insertActivity(change, await needAgent(change.tx, ref), parsed));
    },

    async messages(ref, page) {
      return listMessages(store.db, await needAgent(store.db, ref), page);
    },

    async send(ref, message) {
      const parsed = parseOrRefuse(NewAgentMessage, message);
      return store.change(async (change) => insertMessage(change, await needAgent(change.tx, ref), parsed));
    },

    async metrics(ref) {
      const row = await needAgent(store.db, ref);
      noteRead(`agent:${row.id}`, `tasks:${row.lab_id}`);
      return readAgentMetrics(store.db, row, clock.now());
    },

    async count(labId) {
      const { count } = await store.db
        .selectFrom("agents")
        .where("lab_id", "=", labId)
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      return count;
    },
  };
}
