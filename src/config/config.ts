import { findNodeAtLocation, getNodeValue, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { z } from "zod";
import { Scope } from "../contract/access.js";
import { FailureError } from "../core/failure.js";
import { nearest } from "../core/nearest.js";

/** What a leading dash or a space would do in ssh's arguments, nobody wants to learn. */
const sshWord = /^[A-Za-z0-9_][A-Za-z0-9._:@-]*$/;

/** A machine of one's own. */
const SshHost = z.strictObject({
  name: z.string().trim().min(1).max(60),
  host: z.string().regex(sshWord, "must be a host's name or address"),
  port: z.number().int().min(1).max(65_535).optional(),
  user: z.string().regex(sshWord, "must be a user's name").optional(),
  /** Default: the keys that ssh itself would take. */
  identityFile: z.string().min(1).optional(),
  /** One-slot experiments at once; default one for each GPU, at least one. */
  slots: z.number().int().positive().optional(),
  gpus: z.array(z.string().min(1)).optional(),
  costPerHourUsd: z.number().nonnegative().optional(),
});

/** Keys of an issuer come over the network: in the clear only from this machine. */
const JwksUrl = z.url().refine((text) => {
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || (protocol === "http:" && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname));
}, "must be an https address, or http on this machine");

/** Who else makes tokens that the lab takes. */
const JwtIssuer = z.strictObject({
  issuer: z.string().min(1),
  audience: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional(),
  jwksUrl: JwksUrl,
  claims: z
    .strictObject({
      scopes: z.string().min(1).optional(),
      lab: z.string().min(1).optional(),
      name: z.string().min(1).optional(),
    })
    .optional(),
  scopes: z.array(Scope).optional(),
});

/**
 * The config file `config.json` (JSON with comments). Every field has a default; flags win over the environment over the file.
 * The descriptions are shown by editors (dist/config.schema.json) and in the README.
 */
export const Config = z.strictObject({
  $schema: z.string().optional().describe("for editors: the path of `dist/config.schema.json` in the package"),
  theme: z
    .string()
    .default("auto")
    .describe(
      "`dark`, `light`, `high-contrast`, `sixteen` or a file of your own; `auto` follows the terminal's background",
    ),
  charts: z.enum(["braille", "block", "ascii"]).default("braille").describe("what charts are drawn with"),
  readOnly: z.boolean().default(false).describe("bind no key that changes anything"),
  keys: z
    .record(z.string(), z.union([z.string(), z.array(z.string())], "must be a key or a list of keys"))
    .default({})
    .describe(
      'command id → its key or keys, e.g. `{"experiment.cancel": "X"}`, `[]` for none; a key taken twice is refused',
    ),
  connection: z
    .enum(["lab", "runpod"])
    .default("lab")
    .describe("what is opened without `--runpod` or `--data`: the lab on this machine, or a RunPod account alone"),
  lab: z
    .strictObject({
      cpuSlots: z
        .number()
        .int()
        .positive()
        .optional()
        .describe("how many one-slot experiments run at once; default is the number of CPUs"),
      costPerHourUsd: z
        .number()
        .nonnegative()
        .optional()
        .describe("what this machine costs per hour; unknown without it"),
      webhooksToPrivateAddresses: z
        .boolean()
        .optional()
        .describe("webhooks may be sent to this machine and its private networks"),
      acceptGpuJobs: z.boolean().optional().describe("run experiments that ask for a GPU on a machine without one"),
      cpuJobsOnGpuPods: z
        .boolean()
        .optional()
        .describe("let experiments that need no GPU take a rented GPU pod; they go to other machines only, by default"),
      idleGpuPercent: z
        .number()
        .min(0)
        .max(50)
        .optional()
        .describe("a GPU that does no more than this is idle; default 5"),
      telemetrySeconds: z.number().positive().optional().describe("seconds between two samples; default 2"),
      maxUploadMb: z
        .number()
        .positive()
        .max(102_400)
        .optional()
        .describe("MiB that an uploaded figure or file may have; default 25 for figures, 100 for files"),
      backupDir: z
        .string()
        .regex(/^\//, "must be an absolute path")
        .optional()
        .describe('where backups of the destination `"directory"` go: another disk, a mounted bucket'),
      requestsPerMinute: z
        .number()
        .int()
        .positive()
        .optional()
        .describe("requests a minute that the lab takes of its owner, and of keys without a plan; default 600000"),
      jwt: JwtIssuer.optional().describe(
        "an issuer whose tokens (JWTs) the lab takes: `issuer`, `audience`, `jwksUrl`; `claims` names the claims with the scopes (`scope`), the lab and the name (`sub`), `scopes` is what tokens without such a claim may do",
      ),
      allowOrigins: z
        .array(z.string().min(1))
        .optional()
        .describe("browser pages that may use the lab besides those of this machine: `https://lab.example`"),
      allowHosts: z
        .array(z.string().min(1))
        .optional()
        .describe("names under which the lab answers besides `localhost`, its addresses and its host name"),
      envelope: z
        .enum(["data", "resource"])
        .optional()
        .describe("what carries the data of an answer: `data`, or the name of the resource (`experiments`)"),
      runpod: z
        .strictObject({
          enabled: z.boolean().optional(),
          image: z.string().min(1).optional(),
        })
        .optional()
        .describe(
          'pods rented at RunPod, once there is a key: `{"enabled": false}` leaves them alone, `image` is what new pods run unless said otherwise',
        ),
      hosts: z
        .array(SshHost)
        .optional()
        .describe(
          'machines of your own, reached by ssh: `[{"name": "box", "host": "box.lan"}]`, each with `port`, `user`, `identityFile`, `slots`, `gpus` (names, else what nvidia-smi says there) and `costPerHourUsd` where wanted',
        ),
    })
    .prefault({})
    .describe("the lab on this machine; read when it starts"),
});
export type Config = z.infer<typeof Config>;

/** Checks the text of a config file. A bad one is a failure that names file, line and field. */
export function parseConfig(file: string, text: string): Config {
  const errors: ParseError[] = [];
  const tree = text.trim() === "" ? undefined : parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error !== undefined) {
    const where = `${file}:${lineOf(text, error.offset)}`;
    throw invalid(`${where}: ${printParseErrorCode(error.error)}`, "mend the file or move it away");
  }
  const parsed = Config.safeParse(tree === undefined ? {} : getNodeValue(tree));
  if (parsed.success) return parsed.data;
  const problem = problemOf(parsed.error);
  const node = tree === undefined ? undefined : findNodeAtLocation(tree, problem.path);
  const line = lineOf(text, node?.parent?.offset ?? node?.offset ?? 0);
  throw invalid(`${file}:${line}: ${problem.path.join(".")}: ${problem.what}`, problem.hint);
}

const invalid = (message: string, hint: string) => new FailureError({ kind: "invalid", message, hint });

const lineOf = (text: string, offset: number) => text.slice(0, offset).split("\n").length;

/** What may stand at a place of the file. */
function knownFields([first, second]: readonly (string | number)[]): string[] {
  if (first !== "lab") return Object.keys(Config.shape);
  const { shape } = Config.shape.lab.unwrap();
  if (second === "runpod") return Object.keys(shape.runpod.unwrap().shape);
  if (second === "jwt") return Object.keys(JwtIssuer.shape);
  return second === "hosts" ? Object.keys(SshHost.shape) : Object.keys(shape);
}

/** The first thing that is wrong: where, what, and what was probably meant. */
function problemOf(error: z.ZodError): { path: (string | number)[]; what: string; hint: string } {
  const [issue] = error.issues;
  const path = (issue?.path ?? []).map((key) => (typeof key === "symbol" ? String(key) : key));
  if (issue?.code !== "unrecognized_keys") {
    return { path, what: issue?.message ?? "invalid", hint: "mend the field or remove it" };
  }
  const [key = ""] = issue.keys;
  const known = knownFields(path);
  const near = nearest(key, known);
  const hint = near === undefined ? "remove it" : `did you mean "${near}"?`;
  return { path: [...path, key], what: "there is no such field", hint };
}
