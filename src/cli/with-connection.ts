import type { Connection } from "../contract/connection.js";
import type { AttachOptions, Cli } from "./cli.js";

/** Connects, works, and leaves whatever happened. For what is live; the rest asks over REST alone (`withApi`). */
export async function withConnection<T>(
  cli: Cli,
  work: (connection: Connection) => Promise<T>,
  options?: AttachOptions,
): Promise<T> {
  const connection = await cli.connect(options);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
