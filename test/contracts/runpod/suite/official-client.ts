import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FakeRunPod, startFakeRunPod } from "../../../fakes/runpod/start-fake-runpod.js";
import { toolPath } from "../tools.js";

interface Called {
  readonly isError?: boolean;
  readonly content: readonly { readonly text?: string }[];
}

/** What we use of @modelcontextprotocol/sdk, which is installed where our type checker does not look. */
interface McpClient {
  connect(transport: unknown): Promise<void>;
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<Called>;
  close(): Promise<void>;
}

async function connect(fake: FakeRunPod): Promise<McpClient> {
  const load = async (name: string) => {
    const file = createRequire(toolPath("none.js")).resolve(`@modelcontextprotocol/sdk/client/${name}.js`);
    return (await import(pathToFileURL(file).href)) as Record<string, new (...options: unknown[]) => unknown>;
  };
  const { Client } = await load("index");
  const { StdioClientTransport } = await load("stdio");
  if (Client === undefined || StdioClientTransport === undefined) throw new Error("the MCP SDK has changed");
  const graphql = `${fake.url}/graphql`;
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [toolPath("@runpod/mcp-server/dist/stdio.mjs")],
    env: {
      PATH: process.env["PATH"],
      RUNPOD_API_KEY: fake.key,
      RUNPOD_API_BASE_URL: fake.url,
      RUNPOD_AUTHED_GRAPHQL_URL: graphql,
      RUNPOD_PUBLIC_GRAPHQL_URL: graphql,
    },
    stderr: "ignore",
  });
  const client = new Client({ name: "hubify-tui-tests", version: "0" }) as McpClient;
  await client.connect(transport);
  return client;
}

/** RunPod's own client drives the fake: what it can do there, the fake does not only say to please us. */
export function officialClient(): void {
  describe("RunPod's own client against the fake", () => {
    let fake: FakeRunPod;
    let client: McpClient;
    beforeAll(async () => {
      fake = await startFakeRunPod();
      client = await connect(fake);
    }, 60_000);
    afterAll(async () => {
      await client.close();
      await fake.close();
    });

    async function call(name: string, args: Record<string, unknown>): Promise<string> {
      const called = await client.callTool({ name, arguments: args });
      const text = called.content.map((part) => part.text ?? "").join("\n");
      if (called.isError === true) throw new Error(text);
      return text;
    }

    const action = (id: string, name: string) => call("pod-action", { id, body: { action: name } });
    const created = async () => {
      const gpu = { id: "NVIDIA H200", count: 1 };
      const body = { name: "mcp", image: "a/b:c", gpu, ports: ["22/tcp"], startSsh: true };
      await call("create-pod", { body });
      const id = fake.control.pod("mcp")["id"] as string;
      fake.control.advance(60_000);
      return id;
    };

    test("a pod's life", async () => {
      const id = await created();
      expect(await call("get-pod", { id })).toContain("RUNNING");
      expect(await call("list-pods", {})).toContain(id);
      await action(id, "stop");
      expect(await call("get-pod", { id })).toContain("EXITED");
      await action(id, "start");
      fake.control.advance(60_000);
      await action(id, "restart");
      fake.control.advance(60_000);
      expect(fake.control.pod(id)).toMatchObject({ status: "RUNNING" });
      await call("update-pod", { id, body: { name: "mcp-renamed" } });
      expect(fake.control.pod(id)["name"]).toBe("mcp-renamed");
      await action(id, "terminate");
      await expect(call("get-pod", { id })).rejects.toThrow(/404|not found/i);
      const second = await created();
      await call("delete-pod", { id: second });
      expect(fake.control.pod(second)["status"]).toBe("TERMINATED");
    });

    test("refusals reach it in words", async () => {
      const bad = { name: "x", image: "a/b:c", gpu: { id: "NVIDIA H200", count: 1 }, cloud: "SECURE" };
      await expect(call("create-pod", { body: { ...bad, imageName: "y" } })).rejects.toThrow(/imageName/);
      const id = await created();
      await expect(action(id, "start")).rejects.toThrow(/409|not valid/);
      fake.control.capacity("NVIDIA H200", "*", 0);
      await expect(call("create-pod", { body: bad })).rejects.toThrow(/no longer any instances/);
      fake.control.capacity("NVIDIA H200", "*", 10);
    });

    test("stock, bills, keys and logs", async () => {
      expect(await call("list-gpu-types", { include: ["AVAILABILITY"], product: ["POD"] })).toContain("NVIDIA H200");
      const id = await created();
      fake.control.advance(3_600_000);
      const bill = await call("list-pod-billing", { lastN: 3, bucketSize: "hour" });
      expect(bill).toContain(id);
      fake.control.log(id, "container", "the first line", "the second line");
      expect(await call("stream-pod-logs", { podId: id, tail: 5, maxWaitMs: 1500 })).toContain("the second line");
      await call("update-ssh-keys", { body: { keys: ["ssh-ed25519 AAAAEXAMPLE mcp"] } });
      expect(fake.control.sshKeys()).toEqual(["ssh-ed25519 AAAAEXAMPLE mcp"]);
      expect(await call("get-ssh-keys", {})).toContain("AAAAEXAMPLE");
    });
  });
}
