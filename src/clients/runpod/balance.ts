import { z } from "zod";
import type { Balance } from "../../contract/provider.js";
import { toFailure } from "../../core/failure.js";
import { microsOf } from "../../core/micro-usd.js";
import type { Http } from "../http/http.js";
import { list, maybe, number } from "./tolerant.js";

const query = "query{myself{clientBalance currentSpendPerHr spendLimit underBalance}}";

const Answer = z.object({
  data: maybe(z.object({ myself: maybe(z.object({ clientBalance: number, currentSpendPerHr: number })) })),
  errors: list(z.object({ message: z.string() })),
});

/**
 * What is left on the account. REST v2 does not tell it, so this is the one GraphQL query we make; that API retires in early
 * 2027 (runpod-api §2). Never rejects: a balance that can't be had is unknown, with the reason.
 */
export async function loadBalance(graphql: Http): Promise<Balance> {
  const unknown = (reason: string): Balance => ({ micros: null, spendMicrosPerHour: null, reason });
  try {
    const { data, errors } = await graphql.post("", { body: { query }, expect: Answer });
    const micros = microsOf(data?.myself?.clientBalance);
    const spendMicrosPerHour = microsOf(data?.myself?.currentSpendPerHr);
    if (micros !== null) return { micros, spendMicrosPerHour, reason: null };
    return unknown(errors[0]?.message ?? "RunPod did not say");
  } catch (error) {
    const { kind, message } = toFailure(error);
    return unknown(kind === "gone" ? "RunPod has retired the one API that tells it" : message);
  }
}
