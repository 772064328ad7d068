import type { Context, MiddlewareHandler, Next } from "hono";
import { narrowed } from "../access/actor.js";
import { ask } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import type { LabsService } from "../services/labs.js";
import type { Env } from "./answer.js";

export const labHeader = "X-Hubify-Lab";

/**
 * `X-Hubify-Lab: <slug or id>` makes of whoever calls one who sees that lab alone, for this request: `EXP-001`, a name, and a `labId`
 * that is left out then mean that lab's. Nobody gains by it: a lab that the caller does not see is not there.
 */
export function inLab(labs: Pick<LabsService, "idOf">): MiddlewareHandler<Env> {
  const narrow = async (http: Context<Env>, next: Next, ref: string): Promise<void> => {
    const actor = http.get("actor");
    if (actor !== null) {
      const labId = await ask({ actor, need: "any" }, new Set(), () => labs.idOf(ref)).catch(named);
      http.set("actor", narrowed(actor, labId));
    }
    await next();
  };
  return (http, next) => {
    const ref = http.req.header(labHeader);
    return ref === undefined ? next() : narrow(http, next, ref);
  };
}

function named(error: unknown): never {
  throw error instanceof LabError ? new LabError(error.code, `${labHeader}: ${error.message}`) : error;
}
