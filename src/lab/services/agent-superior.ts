import type { Kysely } from "kysely";
import { LabError } from "../lab-error.js";
import type { Schema } from "../store/schema.js";
import { type AgentRow, agentIn } from "./agent-rows.js";

/** The superior's document id. Refuses one who reports to the agent, over however many others; `id` is null for a new agent. */
export async function superiorOf(
  db: Kysely<Schema>,
  labId: string,
  { id, ref }: { readonly id: string | null; readonly ref: string },
): Promise<string> {
  const superior = await agentIn(db, labId, ref);
  if (superior === undefined) {
    throw new LabError("validation_error", `reportsTo: ${ref} is no agent of this lab; GET /v1/agents lists them`);
  }
  const line: string[] = [];
  let above: AgentRow | undefined = superior;
  while (above !== undefined) {
    line.push(above.name);
    if (above.id === id) {
      throw new LabError("validation_error", `reportsTo: this agent would report to itself: ${line.join(" → ")}`);
    }
    above = above.reports_to === null ? undefined : await agentIn(db, labId, above.reports_to);
  }
  return superior.id;
}
