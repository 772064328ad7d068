import type { Severity } from "../../contract/activity.js";

export type Payload = Readonly<Record<string, unknown>>;

interface Told {
  readonly severity: Severity;
  readonly message: string;
}

/** The words that name what an event happened to: the first of these that the payload has. */
const names = ["experimentId", "displayId", "name", "title", "slug", "path", "url"] as const;

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

function nameOf(payload: Payload): string {
  for (const key of names) {
    const name = text(payload[key]);
    if (name !== null) return name;
  }
  return "";
}

const because = (payload: Payload, ...keys: readonly string[]) => {
  const reason = keys.map((key) => text(payload[key])).find((found) => found !== null);
  // A result begins with its verdict, which the words before it have said.
  const first = reason?.split("\n")[0]?.replace(/^(pass|fail): /, "");
  return first === undefined ? "" : `: ${first}`;
};

const severityOfVerb: Readonly<Record<string, Severity>> = {
  completed: "success",
  recovered: "success",
  failed: "error",
  error: "error",
  trouble: "error",
  blocked: "warning",
  escalation: "warning",
  expired: "warning",
  terminated: "warning",
  queuePaused: "warning",
};

/** How an event whose words need more than its own name is told. */
const telling: Readonly<Record<string, (name: string, payload: Payload) => string>> = {
  "experiment.created": (name, { title }) => `${name} created: ${text(title) ?? ""}`,
  "experiment.completed": (name, payload) => `${name} passed${because(payload, "result")}`,
  "experiment.failed": (name, payload) => `${name} failed${because(payload, "result", "statusReason")}`,
  "experiment.blocked": (name, payload) => `${name} is blocked${because(payload, "statusReason")}`,
  "experiment.queued": (name, payload) => `${name} is queued again${because(payload, "statusReason")}`,
  "experiment.started": (name, { attempt }) =>
    typeof attempt === "number" && attempt > 1 ? `${name} started, attempt ${attempt}` : `${name} started`,
  "experiment.updated": (name, { changes }) => `${name} changed${changed(changes)}`,
  "pod.running": (name) => `${name} runs`,
  "pod.deployed": (name, { experimentId }) => `${text(experimentId) ?? "an experiment"} put on ${name}`,
  "pod.trouble": (name, payload) => `${name}${because(payload, "message", "reason")}`,
  "lab.queuePaused": (_, payload) => `the queue stands still${because(payload, "reason")}`,
  "lab.queueResumed": () => "the queue goes on",
};

function changed(changes: unknown): string {
  if (typeof changes !== "object" || changes === null) return "";
  const fields = Object.keys(changes);
  return fields.length === 0 ? "" : `: ${fields.join(", ")}`;
}

/** `review_requested` as `review requested`. */
const spoken = (verb: string) => verb.replaceAll("_", " ").replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** An event in words, and how bad it is. Of events it does not know it says the name. */
export function describeEvent(event: string, payload: Payload): Told {
  const [noun = event, verb = ""] = event.split(".");
  const name = nameOf(payload);
  const tell = telling[event];
  const subject = name === "" ? noun : noun === "experiment" || noun === "pod" ? name : `${noun} ${name}`;
  const message = tell === undefined ? `${subject} ${spoken(verb)}`.trim() : tell(name === "" ? noun : name, payload);
  return { severity: severityOfVerb[verb] ?? "info", message };
}
