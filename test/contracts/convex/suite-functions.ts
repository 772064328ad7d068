import { ConvexError, v } from "convex/values";
import { functionsOf } from "../../../src/lab/sync/function-registry.js";

export interface Note {
  readonly _id: string;
  readonly _creationTime: number;
  readonly room: string;
  readonly seq: number;
  readonly text: string;
}

/** What the suite's functions need of a store, bound to the transaction of the call. */
export interface Notes {
  /** Ascending by seq. */
  list(room: string): Promise<readonly Note[]>;
  add(room: string, text: string): Promise<number>;
}

export interface SuiteServices {
  readonly notes: Notes;
}

const { defineQuery, defineMutation, defineAction } = functionsOf<SuiteServices>();
const room = v.string();
const ofRoom = (args: { room: string }) => [`notes:${args.room}`];

/** The functions a lab must serve to be judged; all open, so that a client without a token can be watched too. */
export const suiteFunctions = {
  "notes:list": defineQuery({
    needs: null,
    args: { room, limit: v.optional(v.number()) },
    topics: ofRoom,
    handler: async ({ services }, args) => (await services.notes.list(args.room)).slice(-(args.limit ?? 1000)),
  }),
  "notes:count": defineQuery({
    needs: null,
    args: { room },
    topics: ofRoom,
    handler: async ({ services }, args) => (await services.notes.list(args.room)).length,
  }),
  /** Reads the room, but hardly ever changes. */
  "notes:isEmpty": defineQuery({
    needs: null,
    args: { room },
    topics: ofRoom,
    handler: async ({ services }, args) => (await services.notes.list(args.room)).length === 0,
  }),
  /** As many characters as asked for, and the number of notes, so that it changes with each. */
  "notes:big": defineQuery({
    needs: null,
    args: { room, chars: v.number() },
    topics: ofRoom,
    handler: async ({ services }, args) => {
      const count = (await services.notes.list(args.room)).length;
      return { count, text: "0123456789abcdef".repeat(Math.ceil(args.chars / 16)).slice(0, args.chars) };
    },
  }),
  /** Newest first; a page keeps its end. */
  "notes:page": defineQuery({
    needs: null,
    args: { room, paginationOpts: v.any() },
    topics: ofRoom,
    handler: async ({ services, journal, keepJournal }, args) => {
      const { cursor, numItems } = args.paginationOpts as { cursor: string | null; numItems: number };
      const rows = [...(await services.notes.list(args.room))].reverse();
      const rest = cursor === null ? rows : rows.filter(({ seq }) => seq < Number(cursor));
      const page = journal === null ? rest.slice(0, numItems) : rest.filter(({ seq }) => seq >= Number(journal));
      const end = String(page.at(-1)?.seq ?? cursor ?? 0);
      keepJournal(end);
      const isDone = !rest.some(({ seq }) => seq < Number(end));
      return { page, isDone, continueCursor: end, splitCursor: null, pageStatus: null };
    },
  }),
  "notes:whoami": defineQuery({ needs: null, args: {}, handler: ({ identity }) => identity?.subject ?? null }),
  "notes:secret": defineQuery({
    needs: "notes:read",
    args: {},
    handler: ({ identity }) => `for ${identity?.subject ?? ""}`,
  }),
  "notes:echo": defineQuery({
    needs: null,
    args: { value: v.any() },
    handler: (_context, { value }) => value as unknown,
  }),
  /** A field name no client accepts. */
  "notes:badField": defineQuery({ needs: null, args: {}, handler: () => ({ "caf\u00e9": 1 }) }),
  "notes:boom": defineQuery({
    needs: null,
    args: { room, at: v.number() },
    topics: ofRoom,
    handler: async ({ services }, args) => {
      if ((await services.notes.list(args.room)).length >= args.at) throw new Error("boom");
      return "calm";
    },
  }),
  "notes:refuse": defineQuery({
    needs: null,
    args: {},
    handler: () => {
      throw new ConvexError({ code: "not_found", message: "no such note" });
    },
  }),

  "notes:add": defineMutation({
    needs: null,
    args: { room, text: v.string() },
    handler: ({ services, writes }, args) => {
      writes(`notes:${args.room}`);
      return services.notes.add(args.room, args.text);
    },
  }),
  "notes:addToBoth": defineMutation({
    needs: null,
    args: { rooms: v.array(v.string()), text: v.string() },
    handler: async ({ services, writes }, args) => {
      for (const each of args.rooms) {
        writes(`notes:${each}`);
        await services.notes.add(each, args.text);
      }
    },
  }),
  "notes:addThenThrow": defineMutation({
    needs: null,
    args: { room },
    handler: async ({ services, writes }, args) => {
      writes(`notes:${args.room}`);
      await services.notes.add(args.room, "never seen");
      throw new ConvexError({ code: "conflict", message: "no" });
    },
  }),
  "notes:echoMutation": defineMutation({
    needs: null,
    args: { value: v.any() },
    handler: (_context, { value }) => value as unknown,
  }),

  "notes:double": defineAction({
    needs: null,
    args: { n: v.number() },
    handler: (_context, { n }) => n * 2,
  }),
  "notes:refuseAction": defineAction({
    needs: null,
    args: {},
    handler: () => {
      throw new ConvexError({ code: "rate_limited", message: "later" });
    },
  }),
  "notes:hang": defineAction({ needs: null, args: {}, handler: () => new Promise(() => undefined) }),
};
