import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The agent's script; the bundle keeps it beside its chunks. */
export const agentFile = fileURLToPath(new URL("./hubify-agent.sh", import.meta.url));

/** The protocol that the agent of this version speaks; a session carries its own agent, so others are never met. */
export const agentProtocol = "1";

/**
 * The command of a session, for whatever shell the user has there. Comments are left out: the text is in every `ps` of the
 * host. `home` is where runs are kept; empty: the agent's own choice.
 */
export function agentCommand(home: string, script = readFileSync(agentFile, "utf8")): string {
  const text = script.replace(/^[ \t]*#.*\n/gm, "").replace(/\n{2,}/g, "\n");
  return `exec sh -c ${quote(text)} hubify-agent ${quote(home)}`;
}

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
