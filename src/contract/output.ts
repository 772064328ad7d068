import { z } from "zod";

export const outputKinds = ["figure", "table", "log", "checkpoint", "data"] as const;
export type OutputKind = (typeof outputKinds)[number];

/** A file that an attempt left. */
export const OutputFile = z.object({
  /** Of this list: its path, with a slash before it when it is on the pod. */
  _id: z.string(),
  /** In the run's directory. What the config wrote elsewhere is in `elsewhere/`. */
  path: z.string(),
  name: z.string(),
  size: z.number().nullable(),
  /** ms UTC. */
  modifiedAt: z.number().nullable(),
  mimeType: z.string(),
  kind: z.enum(outputKinds),
  /** `home`: it can be read; `pod`: fetch it first. */
  where: z.enum(["home", "pod"]),
  /** Why it is still on the pod. */
  reason: z.string().nullable(),
});
export type OutputFile = z.infer<typeof OutputFile>;

/** What a POST …/outputs/fetch brought. */
export const FetchedOutputs = z.object({
  experimentId: z.string(),
  attempt: z.number().int(),
  /** Paths that are still on the pod. */
  left: z.array(z.string()),
  reason: z.string().nullable(),
});
export type FetchedOutputs = z.infer<typeof FetchedOutputs>;

const kinds: readonly (readonly [OutputKind, RegExp])[] = [
  ["checkpoint", /(^|\/)checkpoints?\/|checkpoint|\.(ckpt|pt|pth|safetensors|covmat)$/i],
  ["figure", /\.(png|jpe?g|svg|pdf|webp)$/i],
  ["table", /\.(csv|tsv|parquet|xlsx|fits|feather)$/i],
  ["log", /\.(log|out|err|progress)$/i],
];

/** What a file is, by its name. */
export function outputKind(path: string): OutputKind {
  return kinds.find(([, pattern]) => pattern.test(path))?.[0] ?? "data";
}

/** Folders of tools, whose pictures are not the run's. */
const foreign = /(^|\/)(\.[^/]+|node_modules|site-packages|__pycache__|venv|checkpoints?)\//i;

/** Of one attempt. */
export const maxFigures = 100;
/** A larger picture is data. */
export const maxFigureBytes = 20 * 1024 * 1024;

/** Which files of an attempt are figures: the newest where there are too many, oldest first. */
export function figuresAmong<File extends Pick<OutputFile, "path" | "size" | "modifiedAt">>(
  files: readonly File[],
): readonly File[] {
  const isFigure = ({ path, size }: File) =>
    outputKind(path) === "figure" && !foreign.test(path) && size !== null && size > 0 && size <= maxFigureBytes;
  const byAge = (a: File, b: File) => (a.modifiedAt ?? 0) - (b.modifiedAt ?? 0) || (a.path < b.path ? -1 : 1);
  return files.filter(isFigure).toSorted(byAge).slice(-maxFigures);
}

/** `plots/rminus1_trace.png` → `Rminus1 trace`. */
export function figureTitle(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/\.\w+$/, "");
  const words = name.replaceAll(/[_-]+/g, " ").trim();
  return words === "" ? name : `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`.slice(0, 200);
}
