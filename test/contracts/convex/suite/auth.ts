import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Clients, eventually, query, watch } from "../client-kit.js";
import type { LabHarness } from "../harness.js";

/** A token source that keeps what it was asked; each call takes the next token, the last one stays. */
function fetcher(...tokens: readonly string[]) {
  const asked: boolean[] = [];
  const changes: boolean[] = [];
  return {
    asked,
    changes,
    fetchToken: async ({ forceRefreshToken }: { forceRefreshToken: boolean }) => {
      asked.push(forceRefreshToken);
      return tokens[Math.min(asked.length, tokens.length) - 1] ?? null;
    },
    onChange: (isAuthenticated: boolean) => changes.push(isAuthenticated),
  };
}

/** Tokens: taken, refused, replaced, expired. */
export function authContract(makeHarness: () => LabHarness): void {
  describe("auth", () => {
    const lab = makeHarness();
    const clients = new Clients(() => lab.url);
    beforeAll(() => lab.start());
    afterEach(() => clients.close());
    afterAll(() => lab.dispose());

    test("3 a JWT: queries run again as its owner", async () => {
      const client = clients.connect();
      const who = watch(client, "notes:whoami");
      await eventually(() => expect(who.values).toEqual([null]));
      const auth = fetcher(lab.tokens.jwt("ada", 3600), lab.tokens.jwt("ada", 3601));
      client.setAuth(auth.fetchToken, auth.onChange);
      await eventually(() => expect(who.values).toEqual([null, "ada"]));
      await eventually(() => expect(auth.asked).toEqual([false, true]));
      await eventually(() => expect(auth.changes.length).toBeGreaterThan(0));
      expect(auth.changes).not.toContain(false);
    });

    test("4 an opaque key is taken once and never refreshed", async () => {
      const client = clients.connect();
      const auth = fetcher(lab.tokens.key("grace"));
      client.setAuth(auth.fetchToken, auth.onChange);
      const secret = watch(client, "notes:secret");
      await eventually(() => expect(secret.values).toEqual(["for grace"]));
      await eventually(() => expect(auth.asked).toEqual([false, true]));
      expect(auth.changes).toEqual([true]);
    });

    test("5 a refused key: the client goes on as nobody", async () => {
      const client = clients.connect();
      const auth = fetcher(lab.tokens.bad);
      client.setAuth(auth.fetchToken, auth.onChange);
      const who = watch(client, "notes:whoami");
      await eventually(() => expect(auth.changes).toEqual([false]));
      await eventually(() => expect(who.values).toEqual([null]));
      expect(auth.asked).toEqual([false, true]);
    });

    test("6 a cached token is refused, the fresh one taken", async () => {
      const client = clients.connect();
      const auth = fetcher(lab.tokens.jwt("late", -10), lab.tokens.jwt("late", 3600));
      client.setAuth(auth.fetchToken, auth.onChange);
      const who = watch(client, "notes:whoami");
      await eventually(() => expect(who.last()).toBe("late"));
      await eventually(() => expect(auth.changes).toEqual([true]));
    });

    test("7 a token that expires in mid-session is replaced, and nothing is missed", async () => {
      const client = clients.connect();
      const short = lab.tokens.shortKey("before", 200);
      const auth = fetcher(short, short, lab.tokens.key("after"));
      client.setAuth(auth.fetchToken, auth.onChange);
      const who = watch(client, "notes:whoami");
      await eventually(() => expect(who.values).toEqual(["before", "after"]));
      expect(auth.asked).toEqual([false, true, true]);
      const count = watch<number>(client, "notes:count", { room: "seven" });
      await lab.write("seven", ["still watching"]);
      await eventually(() => expect(count.last()).toBe(1));
    });

    test("7b two people do not see each other's answers", async () => {
      const people = ["ada", "grace"].map((name) => {
        const client = clients.connect();
        client.setAuth(async () => lab.tokens.key(name));
        return watch(client, "notes:secret");
      });
      await eventually(() => expect(people.map(({ last }) => last())).toEqual(["for ada", "for grace"]));
    });

    test("7c one-shot query as the signed-in", async () => {
      const client = clients.connect();
      client.setAuth(async () => lab.tokens.key("shot"));
      await eventually(async () => expect(await client.query(query("notes:whoami"), {})).toBe("shot"));
    });
  });
}
