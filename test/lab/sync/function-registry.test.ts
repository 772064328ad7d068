import { ConvexError, v } from "convex/values";
import { describe, expect, test } from "vitest";
import { functionRegistry, functionsOf } from "../../../src/lab/sync/function-registry.js";

interface Shelf {
  readonly books: string[];
}

const { defineQuery, defineMutation, defineAction } = functionsOf<Shelf>();

const registry = functionRegistry<Shelf>({
  "books:list": defineQuery({
    needs: "notes:read",
    args: { prefix: v.string(), limit: v.optional(v.number()) },
    topics: ({ prefix }) => [`books:${prefix}`],
    handler: ({ services }, { prefix, limit }) => services.books.filter((b) => b.startsWith(prefix)).slice(0, limit),
  }),
  "books:find": defineQuery({
    needs: "notes:read",
    args: {},
    handler: ({ reads }) => {
      reads("books:all");
      throw new ConvexError({ code: "not_found", message: "none" });
    },
  }),
  "books:page": defineQuery({
    needs: "notes:read",
    args: {},
    handler: ({ journal, keepJournal }) => {
      keepJournal(`${journal ?? ""}+`);
      return journal;
    },
  }),
  "books:add": defineMutation({
    needs: "notes:read",
    args: { title: v.string() },
    handler: ({ services, writes, identity, log }, { title }) => {
      services.books.push(`${title} by ${identity?.subject ?? ""}`);
      writes(`books:${title}`, `books:${title}`);
      log("added");
    },
  }),
  "about:default": defineAction({ needs: null, args: {}, handler: async () => Promise.resolve("a shelf") }),
});

const identity = { subject: "ada" };
const shelf = (): Shelf => ({ books: ["alpha", "beta", "alps"] });
const ask = (path: string, args: Record<string, unknown> = {}) =>
  registry.query({ path, args, identity, journal: null }, shelf());

describe("the registry", () => {
  test("a query has its topics from its arguments", async () => {
    expect(await ask("books:list", { prefix: "al", limit: 1 })).toMatchObject({
      value: ["alpha"],
      topics: ["books:al"],
    });
  });

  test("a failed query keeps the topics it had read", async () => {
    const result = await ask("books:find");
    expect(result).toMatchObject({ topics: ["books:all"] });
    expect("error" in result && result.error).toBeInstanceOf(ConvexError);
  });

  test("the journal goes in and comes out", async () => {
    const first = await registry.query({ path: "books:page", args: {}, identity, journal: null }, shelf());
    expect(first).toMatchObject({ value: null, journal: "+" });
    const second = await registry.query({ path: "books:page", args: {}, identity, journal: "+" }, shelf());
    expect(second).toMatchObject({ value: "+", journal: "++" });
  });

  test("a mutation names what it wrote, once", async () => {
    const services = shelf();
    const result = await registry.mutation({ path: "books:add", args: { title: "gamma" }, identity }, services);
    expect(result).toEqual({ value: null, topics: ["books:gamma"], logLines: ["[LOG] 'added'"] });
    expect(services.books.at(-1)).toBe("gamma by ada");
  });

  test("default exports and `.js` are the same function", async () => {
    for (const path of ["about", "about:default", "about.js", "about.js:default"]) {
      expect(await registry.action({ path, args: {}, identity: null }, shelf())).toMatchObject({ value: "a shelf" });
    }
    expect(registry.kindOf("about")).toBe("action");
    expect(registry.kindOf("toString")).toBeNull();
  });

  test("strangers reach only what is open", async () => {
    const result = await registry.query({ path: "books:find", args: {}, identity: null, journal: null }, shelf());
    expect(result).toMatchObject({ error: { data: { code: "unauthorized" } } });
  });

  test("a wrong path and a wrong kind are said in Convex's words", async () => {
    expect(await ask("books:nothing")).toMatchObject({
      error: {
        message: "Could not find public function for 'books:nothing'. Did you forget to run `npx convex dev`?",
      },
    });
    await expect(registry.mutation({ path: "books:list", args: {}, identity }, shelf())).rejects.toThrow(
      "Trying to execute books:list as Mutation, but it is defined as Query.",
    );
  });
});
