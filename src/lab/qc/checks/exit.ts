import { describeExit } from "../exit-code.js";
import type { Gate } from "../facts.js";

/** The command ended by itself, with code 0. */
export const exit: Gate = {
  name: "exit",
  judge({ exit: { code, stopped } }) {
    const about = { name: "exit code", gate: "exit", value: code, bound: "0" };
    if (stopped !== null) return [{ ...about, ok: false, reason: stopped }];
    if (code === null) return [{ ...about, ok: false, reason: "nobody knows how it ended" }];
    return [{ ...about, ok: code === 0, reason: describeExit(code) }];
  },
};
