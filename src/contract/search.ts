import { z } from "zod";

/** What is searched, by the keys of the documented answer; `projects` and `pods` are ours. */
export const searchedNouns = [
  "experiments",
  "papers",
  "agents",
  "knowledge",
  "tasks",
  "figures",
  "projects",
  "pods",
] as const;
export type SearchedNoun = (typeof searchedNouns)[number];

const Documents = z.array(z.record(z.string(), z.unknown()));

/** GET /v1/search: at most `limit` whole documents of each kind, newest first. `surveys`, `datasets` and `contributions` are not kept here. */
export const SearchResults = z.object({
  experiments: Documents,
  papers: Documents,
  agents: Documents,
  /** Files of the lab. */
  knowledge: Documents,
  surveys: Documents,
  tasks: Documents,
  figures: Documents,
  datasets: Documents,
  contributions: Documents,
  projects: Documents,
  pods: Documents,
});
export type SearchResults = z.infer<typeof SearchResults>;
