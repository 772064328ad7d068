import { describe, expect, it } from "vitest";
import type { Cli } from "../../../src/cli/cli.js";
import { keysText } from "../../../src/cli/commands/keys.js";
import { buildProgram } from "../../../src/cli/program.js";
import type { ApiKey, NewApiKey } from "../../../src/contract/api-key.js";

const key = (more: Partial<ApiKey> = {}): ApiKey => ({
  _id: "k1",
  _creationTime: 0,
  id: "k1",
  name: "ci",
  prefix: "hk_live_ab12",
  labId: "lab1",
  scopes: ["labs:read", "experiments:*"],
  plan: null,
  createdBy: "owner",
  createdAt: 0,
  created_at: "",
  expiresAt: null,
  expires_at: null,
  lastUsedAt: null,
  last_used_at: null,
  revokedAt: null,
  ...more,
});

/** Runs a command line against a lab that only notes what it is asked. */
async function run(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const created: NewApiKey[] = [];
  const revoked: string[] = [];
  const cli = {
    version: "1.2.3",
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    nowMs: () => 1000,
    connect: async () =>
      Promise.resolve({
        lab: { id: "lab1" },
        keys: {
          list: async () => Promise.resolve([key()]),
          create: async (draft: NewApiKey) => {
            created.push(draft);
            return Promise.resolve({ ...key({ scopes: draft.scopes }), key: "hk_live_whole", token: "", tokenId: "" });
          },
          revoke: async (ref: string) => {
            revoked.push(ref);
            return Promise.resolve(key());
          },
        },
        close: async () => Promise.resolve(),
      }),
  };
  const program = buildProgram(cli as unknown as Cli, async () => Promise.resolve());
  await program.parseAsync(["keys", ...args], { from: "user" });
  return { out, err, created, revoked };
}

describe("keys", () => {
  it("shows a new key alone on standard output, so that a script can take it", async () => {
    const { out, err, created } = await run(
      "create",
      "--name",
      "ci",
      "--scope",
      "labs:read,experiments:*",
      "--expires-in",
      "30d",
    );
    expect(out).toEqual(["hk_live_whole"]);
    expect(err.join()).toContain("not shown again");
    expect(created).toEqual([
      { name: "ci", scopes: ["labs:read", "experiments:*"], labId: "lab1", expiresIn: 2_592_000 },
    ]);
  });

  it("makes keys of all labs, with a plan, and refuses a duration that is none", async () => {
    const { created } = await run("create", "--name", "a", "--scope", "*", "--all-labs", "--plan", "free");
    expect(created).toEqual([{ name: "a", scopes: ["*"], labId: null, plan: "free" }]);
    await expect(run("create", "--name", "a", "--scope", "*", "--expires-in", "soon")).rejects.toThrow(/30d/);
  });

  it("revokes by what the list shows", async () => {
    const { out, revoked } = await run("revoke", "hk_live_ab12");
    expect([out, revoked]).toEqual([["ci (hk_live_ab12…) is revoked"], ["hk_live_ab12"]]);
  });

  it("lists what each may do and whether it still may", () => {
    const day = Date.UTC(2026, 10, 22, 4, 30);
    const rows = [key({ lastUsedAt: day }), key({ expiresAt: day, labId: null }), key({ revokedAt: 1 })];
    expect(keysText(rows, day, { id: "lab1", slug: "local" }).split("\n")).toEqual([
      "NAME  PREFIX         STATE    LAB       LAST USED         EXPIRES           SCOPES",
      "ci    hk_live_ab12…  active   local     2026-11-22 04:30  never             labs:read,experiments:*",
      "ci    hk_live_ab12…  expired  all labs  never             2026-11-22 04:30  labs:read,experiments:*",
      "ci    hk_live_ab12…  revoked  local     never             never             labs:read,experiments:*",
    ]);
    expect(keysText([], day, { id: "lab1", slug: "local" })).toContain("keys create");
  });
});
