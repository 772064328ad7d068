import type { Connection } from "../contract/connection.js";
import type { Cli } from "./cli.js";

/** Connects, works, and leaves whatever happened. */
export async function withConnection(cli: Cli, work: (connection: Connection) => Promise<void>): Promise<void> {
  const connection = await cli.connect();
  try {
    await work(connection);
  } finally {
    await connection.close();
  }
}
