import type { Connection } from "../../../contract/connection.js";
import type { Pod } from "../../../contract/pod.js";
import { FailureError } from "../../../core/failure.js";
import { nearest } from "../../../core/nearest.js";

/** Options that every command on pods takes. */
export interface PodOptions {
  readonly provider?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
}

/** The pods of one provider, or all. */
export const ofProvider = (pods: readonly Pod[], provider: string | undefined) =>
  provider === undefined ? pods : pods.filter((pod) => pod.provider === provider);

/** The pod of that name, id or provider's id. Of several of a name the one that is not terminated; else it must be told which. */
export async function findPod(connection: Connection, ref: string, { provider }: PodOptions = {}): Promise<Pod> {
  const pods = ofProvider(await connection.pods.list(), provider);
  const byId = pods.find((pod) => pod._id === ref || pod.providerId === ref);
  if (byId !== undefined) return byId;
  const named = pods.filter(({ name }) => name === ref);
  const alive = named.filter(({ status }) => status !== "terminated");
  const [found, another] = alive.length > 0 ? alive : named;
  if (another !== undefined) {
    const ids = named.map(({ _id }) => _id).join(", ");
    throw new FailureError({ kind: "conflict", message: `several pods are named ${ref}`, hint: `say which: ${ids}` });
  }
  if (found !== undefined) return found;
  const near = nearest(
    ref,
    pods.map(({ name }) => name),
  );
  const hint = near === undefined ? "hubify-tui pods list shows them" : `did you mean ${near}?`;
  throw new FailureError({ kind: "notFound", message: `there is no pod ${ref}`, hint });
}
