import { closeSync, ftruncateSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Insertable, Kysely } from "kysely";
import { type Block, blockBytes, indexChunk, indexStart, openColumn } from "../../src/lab/capture/block-index.js";
import { runFiles } from "../../src/lab/executors/executor.js";
import { runDirectory } from "../../src/lab/runs/run-directory.js";
import type { BlocksTable, Schema } from "../../src/lab/store/schema.js";

/** Bytes with the newline, as everywhere in this folder. */
const lineBytes = 97;
const blockLines = Math.floor(blockBytes / lineBytes);
/** One block in so many has an error in it. */
const errorEvery = 100;
/** At the beginning, in the middle and at the end so much is there; between them only the blocks with errors are. */
const wholeBlocks = 400;
const rowsPerInsert = 2_000;
const lineEveryMs = 10;

function textOf(blockNumber: number): Buffer {
  const lines = Array.from({ length: blockLines }, (_, index) => {
    const isError = blockNumber % errorEvery === 0 && index === blockLines >> 1;
    const text = isError
      ? "ERROR the likelihood is not finite"
      : "2026-11-21 12:00:00 [worker 3] step of the chain accepted";
    return `${text} ${index}`.padEnd(lineBytes - 1, ".");
  });
  return Buffer.from(`${lines.join("\n")}\n`);
}

/**
 * Gives an ended experiment a log of so many bytes: the rows that the lab's own indexer makes of each block, and a file that is sparse where
 * nobody looks, so that 10 GB need no disk. Answers the number of lines.
 */
export async function giveLongLog(
  db: Kysely<Schema>,
  { labDir, id, bytes }: { readonly labDir: string; readonly id: string; readonly bytes: number },
): Promise<number> {
  const dir = runDirectory(labDir, id, 1);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const kinds = [0, 1].map((number) => {
    const text = textOf(number);
    const [block] = indexChunk(text, indexStart, { full: true, final: false }).blocks;
    if (block?.lines !== blockLines) throw new Error("the text is not one block");
    return { text, block };
  });
  const [withError, plain] = kinds as [(typeof kinds)[0], (typeof kinds)[0]];
  const size = plain.text.length;
  const count = Math.floor(bytes / size);
  const isWhole = (number: number) =>
    [0, count >> 1, count - wholeBlocks].some((from) => number >= from && number < from + wholeBlocks);
  const file = openSync(join(dir, runFiles.out), "w", 0o600);
  let rows: Insertable<BlocksTable>[] = [];
  await db.transaction().execute(async (tx) => {
    const flush = async () => {
      if (rows.length > 0) await tx.insertInto("blocks").values(rows).execute();
      rows = [];
    };
    for (let number = 0; number < count; number++) {
      const hasError = number % errorEvery === 0;
      const { text, block } = hasError ? withError : plain;
      if (hasError || isWhole(number)) writeSync(file, text, 0, text.length, number * size);
      rows.push(
        rowOf(id, block, { off: number * size, seq: number * blockLines, at: number * blockLines * lineEveryMs }),
      );
      if (rows.length === rowsPerInsert) await flush();
    }
    await flush();
    const lines = count * blockLines;
    await tx
      .updateTable("runs")
      .set({ dir, off: count * size, seq: lines })
      .where("experiment_id", "=", id)
      .execute();
    await tx.updateTable("experiments").set({ log_lines: lines }).where("id", "=", id).execute();
  });
  ftruncateSync(file, count * size);
  closeSync(file);
  return count * blockLines;
}

function rowOf(
  id: string,
  { lines, counts, open }: Block,
  place: { off: number; seq: number; at: number },
): Insertable<BlocksTable> {
  return {
    experiment_id: id,
    attempt: 1,
    ...place,
    lines,
    debug_lines: counts.debug,
    info_lines: counts.info,
    warn_lines: counts.warn,
    error_lines: counts.error,
    carry: openColumn(open),
  };
}
