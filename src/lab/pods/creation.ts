import { createHash, randomBytes } from "node:crypto";
import type { z } from "zod";
import { NewPod } from "../../contract/pod.js";
import { maskEnv } from "../../contract/pod-env.js";
import type { SeenPod } from "../../contract/provider.js";
import { toFailure } from "../../core/failure.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import { newDocumentId } from "../services/document-id.js";
import type { LabsService } from "../services/service.js";
import type { LabStore } from "../store/store.js";
import type { Fleet } from "./fleet.js";
import type { PodRow } from "./pod-row.js";
import { PodSpec } from "./pod-spec.js";
import type { Provider } from "./provider.js";
import { failureWords, isUncertain, refusalOf } from "./provider-error.js";
import { tell } from "./record.js";

export interface CreationParts {
  readonly store: LabStore;
  readonly labs: LabsService;
  readonly fleet: Fleet;
  /** Key pair of the lab, made when it is first needed; the pod gets the public half. */
  readonly sshKey: () => Promise<{ readonly file: string; readonly publicKey: string }>;
  /** Why a provider is not there, by name: `set RUNPOD_API_KEY …`. */
  readonly missingProviders: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

type Draft = z.output<typeof NewPod>;

const suffixLetters = 4;
const alphabet = "abcdefghjkmnpqrstvwxyz23456789";

/**
 * Makes a pod, and never two: its row and its unique name are there before the provider is asked, so that an answer that gets lost,
 * or a lab that dies in between, is resolved by the name at the next look. Answers the id of its row.
 */
export function createPodCreation(parts: CreationParts) {
  /** The same request, sent again while the first one is still under way. */
  const going = new Map<string, Promise<string>>();

  return async (given: unknown, requestKey?: string): Promise<string> => {
    const draft = parseOrRefuse(NewPod, given);
    const labId = await parts.labs.idOf(draft.labId);
    const key = requestKey === undefined ? null : hash(`${labId} ${requestKey}`);
    if (key === null) return create(parts, { ...draft, labId }, key);
    const work = going.get(key) ?? create(parts, { ...draft, labId }, key).finally(() => going.delete(key));
    going.set(key, work);
    return work;
  };
}

async function create(parts: CreationParts, draft: Draft, requestKey: string | null): Promise<string> {
  const provider = rentingProvider(parts, draft.provider);
  const { slug: labSlug } = await parts.labs.get(draft.labId);
  const done = await findRequest(parts, requestKey);
  if (done !== undefined) return done;
  const { file, publicKey } = await parts.sshKey();
  const row = await reserve(parts, { draft, labSlug, requestKey, identityFile: file });
  const env = { ...draft.env, PUBLIC_KEY: [draft.env["PUBLIC_KEY"], publicKey].filter(Boolean).join("\n") };
  let seen: SeenPod;
  try {
    parts.fleet.stir();
    seen = await provider.create({ ...draft, env, name: row.name });
  } catch (error) {
    await giveUp(parts, row, provider, error);
    return row.id;
  }
  await adopt(parts, row, seen);
  await parts.fleet.note(provider.name, seen.providerId, seen);
  return row.id;
}

function rentingProvider({ fleet, missingProviders }: CreationParts, name: string): Provider {
  const provider = fleet.provider(name);
  if (provider?.rents === true) return provider;
  const missing = missingProviders[name];
  if (missing !== undefined) throw new LabError("conflict", missing);
  const known = fleet.providers.filter(({ rents }) => rents).map((one) => one.name);
  const has = known.length === 0 ? "there is no provider that rents pods" : `pods are rented at: ${known.join(", ")}`;
  throw new LabError("validation_error", `provider: ${name} rents no pods; ${has}`);
}

const hash = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 32);

/** The pod that this very request has made before. */
async function findRequest({ store }: CreationParts, requestKey: string | null): Promise<string | undefined> {
  if (requestKey === null) return undefined;
  const found = await store.db
    .selectFrom("pods")
    .select("id")
    .where("spec", "like", `%"requestKey":"${requestKey}"%`)
    .executeTakeFirst();
  return found?.id;
}

interface Reservation {
  /** Its `labId` is a document id. */
  readonly draft: Draft;
  readonly labSlug: string;
  readonly requestKey: string | null;
  readonly identityFile: string;
}

function reserve({ store }: CreationParts, reservation: Reservation): Promise<PodRow> {
  const { draft, labSlug, requestKey, identityFile } = reservation;
  const { labId } = draft;
  const spec = PodSpec.parse({
    image: draft.image,
    diskGb: draft.diskSize,
    volumeGb: draft.volumeSize,
    env: maskEnv(draft.env),
    cloud: draft.cloud,
    maxHours: draft.maxHours ?? null,
    requestKey,
    identityFile,
  });
  return store.change(async (change) => {
    const taken = await namesInUse(change.tx);
    const name = draft.name ?? freeName(`${labSlug}-${shortGpu(draft.gpuType)}`, taken);
    if (taken.has(name)) {
      throw new LabError(
        "conflict",
        `name: there is a pod ${name} already; its name is how it is found, so take another`,
      );
    }
    return change.tx
      .insertInto("pods")
      .values({
        id: newDocumentId(),
        lab_id: labId,
        provider: draft.provider,
        name,
        gpu_type: draft.gpuType,
        gpu_count: draft.gpuType === "CPU" ? 0 : draft.gpuCount,
        status: "creating",
        status_reason: "asked for",
        accepts_work: 1,
        slots: Math.max(1, draft.gpuCount),
        created_by_lab: 1,
        max_hours_action: draft.maxHours === undefined ? null : draft.maxHoursAction,
        spec: JSON.stringify({ ...spec, statusSince: change.at }),
        created_at: change.at,
        updated_at: change.at,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
  });
}

/** Of all labs: they rent on one account, where a pod whose id is not known is found by its name. */
async function namesInUse(tx: LabStore["db"]): Promise<ReadonlySet<string>> {
  const rows = await tx.selectFrom("pods").select("name").where("status", "<>", "terminated").execute();
  return new Set(rows.map(({ name }) => name));
}

/** `NVIDIA H100 80GB HBM3` → `h100`. */
export function shortGpu(gpuType: string): string {
  const words = gpuType.replace(/^(NVIDIA|AMD)\s+/i, "").split(/\s+/);
  const model = words.find((word) => /\d/.test(word)) ?? words[0] ?? "pod";
  return (
    model
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "") || "pod"
  );
}

function freeName(stem: string, taken: ReadonlySet<string>): string {
  for (;;) {
    const letters = [...randomBytes(suffixLetters)].map((byte) => alphabet[byte % alphabet.length] ?? "").join("");
    const name = `${stem.slice(0, 50)}-${letters}`;
    if (!taken.has(name)) return name;
  }
}

/** A look may have found it by its name already: the same id twice is the same pod. */
function adopt({ store }: CreationParts, row: PodRow, seen: SeenPod): Promise<void> {
  return store.change(async (change) => {
    await change.tx.updateTable("pods").set({ provider_id: seen.providerId }).where("id", "=", row.id).execute();
    tell(change, "pod.created", { ...row, status: seen.status, status_reason: seen.statusReason });
  });
}

/** What was refused costs nothing and leaves nothing. Where nobody knows, the row stays until a look finds the pod or its time is up. */
async function giveUp(parts: CreationParts, row: PodRow, provider: Provider, error: unknown): Promise<void> {
  if (!isUncertain(error)) {
    await parts.store.change(async ({ tx, touch }) => {
      await tx.deleteFrom("pods").where("id", "=", row.id).where("provider_id", "is", null).execute();
      touch("pods");
    });
    throw refusalOf(error);
  }
  const message = `${provider.label} did not say whether it made ${row.name}; nothing is sent again, the lab looks for it by its name: ${failureWords(toFailure(error))}`;
  parts.log(message);
  await parts.store.change(async (change) => {
    const trouble = { code: "createUncertain", message };
    await change.tx
      .updateTable("pods")
      .set({ trouble: JSON.stringify(trouble) })
      .where("id", "=", row.id)
      .where("provider_id", "is", null)
      .execute();
    tell(change, "pod.trouble", row, trouble);
  });
}
