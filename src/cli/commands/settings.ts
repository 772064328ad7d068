import { Command } from "commander";
import type { LabSettings, LabSettingsPatch } from "../../contract/settings.js";
import { FailureError } from "../../core/failure.js";
import { nearest } from "../../core/nearest.js";
import type { Cli } from "../cli.js";
import { printOne } from "../print.js";
import { withConnection } from "../with-connection.js";

/** `settings [key=value …]`: shows the lab's settings, after changing some. */
export function settingsCommand(cli: Cli): Command {
  return new Command("settings")
    .description("the lab's idle rules and budget; `key=value` changes one, `none` takes a limit away")
    .argument("[key=value...]", "what to change, e.g. budgetMonthlyUsd=500")
    .option("--json", "as JSON")
    .action((wanted: readonly string[], { json }: { json?: boolean }) =>
      withConnection(cli, async (connection) => {
        const settings = await connection.settings.get();
        const changes = readChanges(wanted, settings);
        const now = wanted.length === 0 ? settings : await connection.settings.patch(changes);
        printOne(cli, json, now, settingsText);
      }),
    );
}

const settingsText = (settings: LabSettings) =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${value === null ? "none" : String(value)}`)
    .join("\n");

/** `budgetMonthlyUsd=500` and the like, checked for its form; the lab judges the values. */
export function readChanges(wanted: readonly string[], known: LabSettings): LabSettingsPatch {
  const keys = Object.keys(known);
  const entries = wanted.map((text): [string, unknown] => {
    const equals = text.indexOf("=");
    const key = equals === -1 ? text : text.slice(0, equals);
    if (!keys.includes(key)) {
      const meant = nearest(key, keys);
      const hint = meant === undefined ? `one of ${keys.join(", ")}` : `did you mean ${meant}?`;
      throw new FailureError({ kind: "invalid", message: `there is no setting ${key}`, hint });
    }
    if (equals === -1) {
      throw new FailureError({ kind: "invalid", message: `${key} without a value`, hint: `write ${key}=VALUE` });
    }
    return [key, readValue(key, text.slice(equals + 1).trim())];
  });
  return Object.fromEntries(entries);
}

function readValue(key: string, text: string): number | boolean | null {
  if (["none", "null", "off", "never"].includes(text)) return null;
  if (text === "true" || text === "yes") return true;
  if (text === "false" || text === "no") return false;
  const value = Number(text.replace(/^\$/, ""));
  if (text === "" || !Number.isFinite(value)) {
    throw new FailureError({
      kind: "invalid",
      message: `${key}: ${text === "" ? "nothing" : text} is no value`,
      hint: "write a number, yes, no or none",
    });
  }
  return value;
}
