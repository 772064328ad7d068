import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/** Lines that are neither empty nor comments, counted until there are `enough`. */
export async function countRows(file: string, enough: number): Promise<number> {
  const stream = createReadStream(file, "latin1");
  let rows = 0;
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      if (line.trim() !== "" && !line.startsWith("#")) rows += 1;
      if (rows >= enough) break;
    }
  } finally {
    stream.destroy();
  }
  return rows;
}
