import type { Kysely } from "kysely";
import * as first from "./0001-first.js";
import * as podsAndMoney from "./0002-pods-and-money.js";
import * as wholeSystem from "./0003-whole-system.js";
import * as logs from "./0004-logs.js";
import * as templatesAndMetrics from "./0005-templates-and-metrics.js";
import * as search from "./0006-search.js";

export interface LabMigration {
  readonly name: string;
  up(db: Kysely<unknown>): Promise<void>;
}

/** In order; a name never changes once released. The schema's version is how many have run. */
export const migrations: readonly LabMigration[] = [
  { name: "0001-first", up: first.up },
  { name: "0002-pods-and-money", up: podsAndMoney.up },
  { name: "0003-whole-system", up: wholeSystem.up },
  { name: "0004-logs", up: logs.up },
  { name: "0005-templates-and-metrics", up: templatesAndMetrics.up },
  { name: "0006-search", up: search.up },
];
