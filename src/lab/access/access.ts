import type { Config } from "../../config/config.js";
import type { Clock } from "../../core/clock.js";
import { type BrowserGuard, createBrowserGuard } from "../http/browser-guard.js";
import { createRequestDays, type RequestDays } from "../http/request-days.js";
import type { Services } from "../services/service.js";
import type { LabStore } from "../store/store.js";
import { type Actors, createActors } from "./actors.js";
import { createJwtVerifier } from "./jwt.js";

/** Who may use the lab, and how much. */
export interface Access {
  readonly actors: Actors;
  readonly requestDays: RequestDays;
  readonly guard: BrowserGuard;
  /** Stores what was counted, and stops. */
  close(): Promise<void>;
}

export interface AccessParts {
  readonly store: LabStore;
  readonly clock: Clock;
  readonly services: Pick<Services, "keys" | "sessions" | "labs">;
  readonly settings: Config["lab"];
  /** The owner's, of the data directory. */
  readonly token: string;
  readonly onError: (error: unknown) => void;
}

/** What is counted in memory is stored this often. */
const saveEveryMs = 60_000;
const pruneEveryMs = 3_600_000;

export function createAccess({ store, clock, services, settings, token, onError }: AccessParts): Access {
  const { keys, sessions, labs } = services;
  const { jwt } = settings;
  const verifyJwt =
    jwt === undefined
      ? undefined
      : createJwtVerifier({ issuer: jwt, now: clock.now, labIdOf: (ref) => labs.idOf(ref) });
  const actors = createActors({ token, store, clock, noteUse: keys.noteUse, verifyJwt });
  const requestDays = createRequestDays(store, clock);
  const save = async () => {
    await keys.saveUses();
    await requestDays.save();
  };
  const saving = setInterval(() => void save().catch(onError), saveEveryMs).unref();
  const pruning = setInterval(() => void sessions.prune().catch(onError), pruneEveryMs).unref();
  return {
    actors,
    requestDays,
    guard: createBrowserGuard(settings),
    async close() {
      clearInterval(saving);
      clearInterval(pruning);
      actors.close();
      await save().catch(onError);
    },
  };
}
