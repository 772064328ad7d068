import { z } from "zod";
import { ok } from "../answer.js";
import { balanceUsd, spendUsdPerHour } from "../balance.js";
import type { Asked, Route } from "../route.js";
import { validated } from "../validation.js";

const Query = z.object({ query: z.string() });

/** The one query that REST v2 cannot answer. Errors come with status 200, as GraphQL has it. */
function answer({ world, body }: Asked) {
  const { query } = validated(Query, body);
  if (!/\bmyself\b/.test(query)) return ok({ errors: [{ message: "Cannot query this field in the fake" }] });
  const credit = world.account.creditUsd;
  const left = credit === null ? null : balanceUsd(world);
  const fields: Record<string, unknown> = {
    clientBalance: left,
    currentSpendPerHr: spendUsdPerHour(world),
    spendLimit: world.account.spendLimitUsd,
    underBalance: left !== null && left <= 0,
    minBalance: 0,
  };
  const asked = Object.entries(fields).filter(([name]) => new RegExp(`\\b${name}\\b`).test(query));
  return ok({ data: { myself: Object.fromEntries(asked) } });
}

export const graphqlRoutes: readonly Route[] = [{ method: "POST", path: "/graphql", area: "graphql", answer }];
