import type { z } from "zod";
import type { Route, RouteContext } from "../http/route.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { Services } from "../services/service.js";
import type { LabFunction } from "../sync/function-registry.js";

/**
 * The Convex function of a route that names one: params, query and body are its arguments together, `data` is its value. It asks for
 * the same rights; what it read is told by the services (`noteRead`). Pages go on behind the `_id` of the last row: `cursor`.
 */
export function functionOf({ call, needs, params, query, body, isSecret, handle }: Route): LabFunction<Services> {
  if (call === null) throw new Error("a route without a function");
  const parts = Object.entries({ params, query, body }).flatMap(([part, schema]) =>
    schema === undefined ? [] : [{ part, schema, fields: new Set(Object.keys(schema.shape)) }],
  );
  const known = parts.flatMap(({ fields }) => [...fields]);
  const inPath = new Set(Object.keys(params?.shape ?? {}));
  return {
    kind: call.kind,
    args: null,
    needs,
    isSecret,
    topics: () => [],
    async handler({ services }, args: Readonly<Record<string, unknown>>) {
      for (const name of Object.keys(args)) {
        if (!known.includes(name) && !parts.some(({ schema }) => isLoose(schema))) {
          throw new LabError(
            "validation_error",
            `${name}: unknown; ${call.path} takes ${known.join(", ") || "no arguments"}`,
          );
        }
      }
      const input = Object.fromEntries(
        parts.map(({ part, schema, fields }) => {
          const own = Object.entries(args).filter(([name]) => {
            // A name that the path has as well is the path's: `experimentId` of a copy is what is copied.
            if (part !== "params" && inPath.has(name)) return false;
            return fields.has(name) || (part === "body" && !known.includes(name));
          });
          return [part, parseOrRefuse(schema, Object.fromEntries(own))];
        }),
      );
      const answer = await handle({ services } as RouteContext, input as never);
      if (answer instanceof Response) throw new Error(`${call.path} answers no data`);
      return answer.data;
    },
  };
}

/** Keeps fields that it does not name. */
const isLoose = (schema: z.ZodObject): boolean =>
  schema.def.catchall !== undefined && schema.def.catchall._zod.def.type !== "never";
