import { expect, test } from "vitest";
import { owner } from "../../../src/lab/access/actor.js";
import { identityOf } from "../../../src/lab/backend.js";
import { openAccess } from "../access/access-fixture.js";

/** Two labs, each with its own EXP-001. */
async function open() {
  const lab = await openAccess();
  await lab.data("owner", "POST /v1/labs", { body: { name: "Second", slug: "second" } });
  const make = (labId: string) =>
    lab.data("owner", "POST /v1/experiments", {
      body: { labId, title: `of ${labId}`, config: { command: "true" }, draft: true },
    });
  await make("dark-energy");
  await make("second");
  const from = (ref: string, route: string, more: { token?: string; body?: unknown; key?: string } = {}) => {
    const headers = { "x-hubify-lab": ref, ...(more.key === undefined ? {} : { "idempotency-key": more.key }) };
    return lab.ask(more.token ?? "owner", route, { headers, body: more.body });
  };
  return { ...lab, from };
}

test.each([
  ["dark-energy", "of dark-energy"],
  ["second", "of second"],
])("EXP-001 is that of %s when the request says so", async (ref, title) => {
  const { from, data } = await open();
  expect((await from(ref, "GET /v1/experiments/EXP-001")).body.data).toMatchObject({ title });
  const cancelled = await from(ref, "PATCH /v1/experiments/exp-001", { body: { title: "renamed" } });
  expect(cancelled.body.data).toMatchObject({ title: "renamed", experimentId: "EXP-001" });
  const rows = await data<{ title: string }[]>("owner", `GET /v1/experiments?labId=${ref}`);
  expect(rows.map((row) => row.title)).toEqual(["renamed"]);
});

test("what is another lab's is not there, whoever asks, and no rights come with it", async () => {
  const { from, data, makeKey } = await open();
  const [other] = await data<{ _id: string }[]>("owner", "GET /v1/experiments?labId=dark-energy");
  expect((await from("second", `GET /v1/experiments/${other?._id ?? ""}`)).status).toBe(404);
  expect((await from("second", "GET /v1/experiments?labId=dark-energy")).status).toBe(404);
  expect((await from("second", "GET /v1/labs")).body.data).toMatchObject([{ slug: "second" }]);
  expect((await from("second", "POST /v1/labs", { body: { name: "Third" } })).status).toBe(403);
  const { key: token } = await makeKey({ labId: "dark-energy", scopes: ["experiments:read"] });
  const foreign = await from("second", "GET /v1/experiments/EXP-001", { token });
  expect([foreign.status, foreign.body.error?.message]).toEqual([404, "X-Hubify-Lab: Lab second does not exist."]);
  expect((await from("nowhere", "GET /v1/labs")).body.error?.message).toBe("X-Hubify-Lab: Lab nowhere does not exist.");
  const own = await from("dark-energy", "PATCH /v1/experiments/EXP-001", { token, body: { title: "no" } });
  expect(own.status).toBe(403);
});

test("an idempotency key is of the request in that lab", async () => {
  const { from } = await open();
  const copy = (ref: string) => from(ref, "POST /v1/experiments/EXP-001/copy", { body: {}, key: "once" });
  expect((await copy("second")).body.data).toMatchObject({ experimentId: "EXP-002", title: "of second" });
  expect((await copy("second")).headers.get("idempotent-replayed")).toBe("true");
  const elsewhere = await copy("dark-energy");
  expect([elsewhere.headers.get("idempotent-replayed"), elsewhere.status]).toEqual([null, 422]);
});

test("experiments:get takes the lab whose display id is meant", async () => {
  const { backend } = await open();
  const get = async (labId: string) => {
    const call = { path: "experiments:get", args: { experimentId: "EXP-001", labId }, identity: identityOf(owner) };
    const result = await backend.read(async (reader) => reader.query({ ...call, journal: null }));
    return "error" in result ? result.error : result.value;
  };
  expect(await get("dark-energy")).toMatchObject({ title: "of dark-energy" });
  expect(await get("second")).toMatchObject({ title: "of second" });
});
