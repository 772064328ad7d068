import { randomBytes, timingSafeEqual } from "node:crypto";
import { type Clock, systemClock } from "../../../src/core/clock.js";
import { type Answer, ok, problem, Refusal } from "./answer.js";
import { type Control, createControl } from "./control.js";
import { createFaults } from "./faults.js";
import { createKeys } from "./keys.js";
import { createLogStreams } from "./log-streams.js";
import { settle } from "./pod-life.js";
import { createRateLimiter } from "./rate-limit.js";
import { routesOf } from "./routes/index.js";
import { listen, type Seen } from "./server.js";
import { createWorld } from "./world.js";

export interface FakeRunPodOptions {
  /** Simulated time starts as this clock has it and runs on with it; `control.advance` adds to it. */
  readonly clock?: Clock;
  readonly port?: number;
  readonly key?: string;
  /** Opens `POST /__control` for whoever has this token; without it there is no such door. */
  readonly controlToken?: string;
}

export interface FakeRunPod {
  /** What RUNPOD_API_BASE_URL is set to: without `/v2`. */
  readonly url: string;
  readonly key: string;
  readonly control: Control;
  close(): Promise<void>;
}

/** A RunPod account of one's own on loopback, with REST v2, the balance query and everything that goes wrong there. */
export async function startFakeRunPod(options: FakeRunPodOptions = {}): Promise<FakeRunPod> {
  const key = options.key ?? `rpa_${randomBytes(16).toString("hex").toUpperCase()}`;
  const world = createWorld(options.clock ?? systemClock);
  const keys = createKeys(key);
  const faults = createFaults();
  const limiter = createRateLimiter(world.now);
  const streams = createLogStreams(world);
  const seen: Seen[] = [];
  const down: { untilMs: number | null } = { untilMs: null };
  const control = createControl({ world, keys, faults, limiter, streams, seen, down });
  const { server, port } = await listen(
    {
      world,
      routes: routesOf(streams),
      keys,
      faults,
      limiter,
      seen,
      isDown: () => down.untilMs !== null && world.now() < down.untilMs,
      control: options.controlToken === undefined ? null : controlDoor(control, options.controlToken),
    },
    options.port ?? 0,
  );
  // Somebody who only reads a stream sees a boot go on too.
  const ticking = setInterval(() => settle(world), 50);
  ticking.unref();
  return {
    url: `http://127.0.0.1:${port}`,
    key,
    control,
    close: async () => {
      clearInterval(ticking);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** `{verb, args}` for one verb of the control surface; its value comes back as JSON. */
function controlDoor(control: Control, token: string) {
  return (given: string, body: unknown): Answer => {
    if (!sameSecret(given, token)) return problem(new Refusal(401, "wrong control token"));
    const { verb, args } = (body ?? {}) as { verb?: unknown; args?: unknown };
    const verbs = control as unknown as Readonly<Record<string, (...values: unknown[]) => unknown>>;
    const run = typeof verb === "string" && Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
    if (run === undefined) {
      return problem(new Refusal(404, `no verb "${String(verb)}"; there are ${Object.keys(verbs).join(", ")}`));
    }
    try {
      return ok({ value: run(...(Array.isArray(args) ? (args as unknown[]) : [])) ?? null });
    } catch (error) {
      return problem(new Refusal(400, error instanceof Error ? error.message : String(error)));
    }
  };
}

const sameSecret = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
