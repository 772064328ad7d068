import { join } from "node:path";
import { sql } from "kysely";
import { systemClock } from "../../../src/core/clock.js";
import { owner } from "../../../src/lab/access/actor.js";
import { createBackend } from "../../../src/lab/backend.js";
import { openSqlite } from "../../../src/lab/store/sqlite.js";
import { createStore, type LabStore, migrate } from "../../../src/lab/store/store.js";
import { identityOf, type SuiteLab } from "./sqlite-lab.js";
import { type Note, type Notes, suiteFunctions } from "./suite-functions.js";

/**
 * The real lab below its functions: the store of src/lab with its transactions, locks and ts, and the backend with its record of answers.
 * Only who may call, and what, is the suite's.
 */
export async function storeLab(directory: string, afterCommit: () => void): Promise<SuiteLab> {
  const { db } = openSqlite(join(directory, "lab.db"));
  await migrate(db);
  await sql`create table if not exists notes (room text, seq integer, text text, at real, primary key (room, seq))`.execute(
    db,
  );
  const store = await createStore(db, systemClock);
  const notes = storeNotes(store);
  const backend = createBackend({
    store,
    services: { notes },
    functions: suiteFunctions,
    actorOf: async () => Promise.resolve(null),
  });
  return {
    ...backend,
    authenticate: async (token) => {
      const identity = identityOf(token);
      return identity === null ? null : { ...identity, claims: { ...identity.claims, actor: owner } };
    },
    async mutation(call, once) {
      const result = await backend.mutation(call, once);
      afterCommit();
      return result;
    },
    async write(room, texts) {
      for (const text of texts) {
        await store.change(async ({ touch }) => {
          await notes.add(room, text);
          touch(`notes:${room}`);
        });
      }
    },
    close: () => store.close(),
  };
}

function storeNotes(store: LabStore): Notes {
  return {
    async list(room) {
      const { rows } = await sql<Omit<Note, "_id" | "_creationTime"> & { at: number }>`
        select room, seq, text, at from notes where room = ${room} order by seq`.execute(store.db);
      return rows.map(({ at, ...note }) => ({ _id: `${room}:${note.seq}`, _creationTime: at, ...note }));
    },
    async add(room, text) {
      const { rows } = await sql<{ seq: number }>`
        insert into notes select ${room}, coalesce(max(seq) + 1, 0), ${text}, ${Date.now()} from notes where room = ${room}
        returning seq`.execute(store.db);
      return rows[0]?.seq ?? Number.NaN;
    },
  };
}
