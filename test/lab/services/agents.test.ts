import fc from "fast-check";
import { expect, test } from "vitest";
import { Agent, AgentActivity, AgentMetrics } from "../../../src/contract/agent.js";
import { LabError } from "../../../src/lab/lab-error.js";
import { asKeyOf, isRefused, openResearch } from "./research-fixture.js";

test("an agent is registered, found by id and name, changed and deleted, and each is told without its prompt", async () => {
  const { agents, agent, labId, told, heard } = await openResearch();
  const made = await agent("alpha", { role: "lead", systemPrompt: "You check priors.", capabilities: ["mcmc"] });
  expect(Agent.parse(made)).toEqual(made);
  expect(made).toMatchObject({ labId, role: "lead", status: "idle", reportsTo: null, lastActiveAt: null });
  expect(await agents.get("alpha")).toEqual(made);
  heard.clear();
  await agents.patch("alpha", { name: "alpha-2", model: "m-1", systemPrompt: null });
  expect(await agents.get(made._id)).toMatchObject({ name: "alpha-2", model: "m-1", systemPrompt: null });
  expect([...heard]).toEqual(expect.arrayContaining([`agents:${labId}`, `agent:${made._id}`]));
  expect(await agents.count(labId)).toBe(1);
  expect(await agents.remove("alpha-2")).toEqual({ id: made._id, name: "alpha-2" });
  expect(await agents.count(labId)).toBe(0);
  const events = await told("agent");
  expect(events.map(({ topic }) => topic)).toEqual(["agent.created", "agent.updated", "agent.deleted"]);
  expect(JSON.stringify(events)).not.toContain("check priors");
});

test("names are taken once, and the captain's never", async () => {
  const { agents, agent } = await openResearch();
  await agent("alpha");
  await agent("beta");
  const taken = isRefused("conflict", /^name: alpha is taken/);
  await expect(agent("alpha")).rejects.toEqual(taken);
  await expect(agents.patch("beta", { name: "alpha" })).rejects.toEqual(taken);
  await expect(agent("Captain")).rejects.toEqual(isRefused("validation_error", /^name: captain is the person/));
  await expect(agent("gamma", { reportsTo: "nobody" })).rejects.toEqual(
    isRefused("validation_error", /^reportsTo: nobody is no agent/),
  );
});

test("whoever is put under whom, nobody ever reports to itself", async () => {
  const names = ["a", "b", "c", "d", "e"];
  const move = fc.tuple(fc.constantFrom(...names), fc.option(fc.constantFrom(...names)));
  await fc.assert(
    fc.asyncProperty(fc.array(move, { maxLength: 20 }), async (moves) => {
      const { agents, agent, labId } = await openResearch();
      for (const name of names) await agent(name);
      const above = new Map<string, string | null>(names.map((name) => [name, null]));
      const leads = (from: string | null, to: string): boolean =>
        from !== null && (from === to || leads(above.get(from) ?? null, to));
      for (const [name, superior] of moves) {
        const patched = agents.patch(name, { reportsTo: superior });
        if (leads(superior, name)) {
          await expect(patched).rejects.toEqual(
            isRefused("validation_error", /^reportsTo: .*would report to itself: /),
          );
        } else {
          await patched;
          above.set(name, superior);
        }
      }
      const { rows } = await agents.list({ labId, limit: 10 });
      const nameOf = new Map(rows.map(({ _id, name }) => [_id, name]));
      expect(new Map(rows.map(({ name, reportsTo }) => [name, nameOf.get(reportsTo ?? "") ?? null]))).toEqual(above);
    }),
    { numRuns: 15 },
  );
});

test("who reported to a deleted agent reports to its superior, and its tasks are nobody's", async () => {
  const { agents, agent, task, tasks, store } = await openResearch();
  const top = await agent("top", { role: "orchestrator" });
  await agent("middle", { reportsTo: "top" });
  await agent("low", { reportsTo: "middle" });
  await task({ assignedTo: "middle" });
  await agents.report("middle", { message: "hello" });
  await agents.send("middle", { content: "hi" });
  await agents.remove("middle");
  expect((await agents.get("low")).reportsTo).toBe(top._id);
  expect((await tasks.get("T-001")).assignedTo).toBeNull();
  await agents.remove("top");
  expect((await agents.get("low")).reportsTo).toBeNull();
  for (const table of ["agent_events", "agent_messages"] as const) {
    expect(await store.db.selectFrom(table).select("id").execute()).toEqual([]);
  }
});

test("start and stop change the status once, and are among what it did", async () => {
  const { agents, agent, topics, clock } = await openResearch();
  await agent("alpha");
  clock.at += 5;
  expect(await agents.start("alpha")).toMatchObject({ status: "active", lastActiveAt: clock.at });
  await agents.start("alpha");
  await agents.patch("alpha", { status: "busy" });
  expect((await agents.start("alpha")).status).toBe("busy");
  expect((await agents.stop("alpha")).status).toBe("idle");
  await agents.stop("alpha");
  expect(await topics("agent")).toEqual(["created", "started", "updated", "stopped"]);
  expect((await agents.activity("alpha", { limit: 9 })).rows.map(({ kind }) => kind)).toEqual(["stopped", "started"]);
  await agents.patch("alpha", { status: "retired" });
  await expect(agents.start("alpha")).rejects.toEqual(isRefused("conflict", /alpha is retired; PATCH its status/));
});

test("reports are kept with what they say, newest first; errors and escalations are told to the lab", async () => {
  const { agents, agent, told, topics } = await openResearch();
  await agent("alpha");
  const first = await agents.report("alpha", { message: "reads", metadata: { papers: 3 } });
  expect(AgentActivity.parse(first)).toEqual(first);
  await agents.report("alpha", { kind: "error", message: "out of memory" });
  await agents.report("alpha", { kind: "escalation", message: "R-1 stands" });
  expect(await topics("agent")).toEqual(["created", "error", "escalation"]);
  expect((await told("agent"))[1]).toMatchObject({ name: "alpha", message: "out of memory" });
  const page = await agents.activity("alpha", { limit: 2 });
  expect(page.rows.map(({ kind }) => kind)).toEqual(["escalation", "error"]);
  const rest = await agents.activity("alpha", { limit: 2, cursor: page.nextCursor ?? "" });
  expect(rest).toEqual({ rows: [first], hasMore: false, nextCursor: null });
  const long = { message: "x", metadata: { text: "y".repeat(20_000) } };
  await expect(agents.report("alpha", long)).rejects.toEqual(isRefused("validation_error", /^metadata: /));
});

test("the pipeline's agents are registered when they first report", async () => {
  const { agents, labId } = await openResearch();
  await agents.reportByName("dark-energy", "vps-worker", { message: "hello" });
  await agents.reportByName(labId, "vps-worker", { message: "again" });
  expect(await agents.get("vps-worker")).toMatchObject({ role: "worker", status: "idle" });
  expect((await agents.activity("vps-worker", { limit: 9 })).rows).toHaveLength(2);
  await expect(agents.reportByName(labId, "captain", { message: "x" })).rejects.toThrow(LabError);
});

test("only the newest 10,000 reports of an agent are kept, and days before them are not known", async () => {
  const { agents, agent, store, clock } = await openResearch();
  const { _id, labId } = await agent("alpha");
  const day = 86_400_000;
  clock.at = 100 * day + 1;
  const rows = Array.from({ length: 10_000 }, (_, index) => ({
    id: `old${index}`,
    agent_id: _id,
    lab_id: labId,
    kind: "info",
    message: "x",
    metadata: null,
    at: clock.at - (index < 9_000 ? 3 : 1) * day,
  }));
  await store.change(async ({ tx }) => {
    for (let from = 0; from < rows.length; from += 1000) {
      await tx
        .insertInto("agent_events")
        .values(rows.slice(from, from + 1000))
        .execute();
    }
  });
  await agents.report("alpha", { message: "new" });
  const { count } = await store.db
    .selectFrom("agent_events")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  expect(count).toBe(10_000);
  const { activityByDay } = await agents.metrics("alpha");
  expect(activityByDay.slice(-5).map(({ count }) => count)).toEqual([null, null, 0, 1_000, 1]);
  expect(activityByDay.at(-1)?.day).toBe("1970-04-11");
});

test("metrics tell tasks, approvals and days; what nobody knows is null", async () => {
  const { agents, agent, task, tasks, clock } = await openResearch();
  await agent("alpha");
  const empty = await agents.metrics("alpha");
  expect(AgentMetrics.parse(empty)).toEqual(empty);
  expect(empty).toMatchObject({ tasksDone: 0, tasksOpen: 0, successRate: null, meanTaskMs: null, lastActiveAt: null });
  expect(empty.activityByDay.map(({ count }) => count)).toEqual(Array.from({ length: 30 }, () => 0));
  for (const verdict of ["approve", "reject", null] as const) {
    const { _id } = await task({ assignedTo: "alpha" });
    for (const status of ["in_progress", "review"] as const) await tasks.patch(_id, { status });
    clock.at += 1_000;
    if (verdict === null) continue;
    await tasks.review(_id, { verdict, summary: "so" });
    await tasks.review(_id, { verdict: "concern", summary: "also" });
  }
  expect(await agents.metrics("alpha")).toMatchObject({
    tasksDone: 1,
    tasksOpen: 2,
    successRate: 0.5,
    meanTaskMs: 1_000,
  });
});

test("messages are kept as they were sent, by whom", async () => {
  const { agents, agent, labId } = await openResearch();
  await agent("alpha");
  await asKeyOf(labId, "agents:write", () => agents.send("alpha", { content: "Look at the last chain." }));
  await agents.send("alpha", { role: "agent", content: "Done." });
  const { rows } = await agents.messages("alpha", { limit: 5 });
  expect(rows.map(({ role, sender, content }) => [role, sender, content])).toEqual([
    ["agent", "lab", "Done."],
    ["user", "key ci", "Look at the last chain."],
  ]);
});

test("a key of another lab sees none of it", async () => {
  const { agents, agent } = await openResearch();
  const { _id } = await agent("alpha");
  for (const work of [
    () => agents.get(_id),
    () => agents.metrics("alpha"),
    () => agents.activity(_id, { limit: 1 }),
    () => agents.send("alpha", { content: "hi" }),
    () => agents.remove("alpha"),
  ]) {
    await expect(asKeyOf("another", "agents:write", work as () => Promise<unknown>)).rejects.toEqual(
      isRefused("not_found", /^Agent \w+ does not exist\.$/),
    );
  }
});
