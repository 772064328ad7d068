import { z } from "zod";

/** Longest path, bytes of UTF-8. */
export const maxPathBytes = 1024;
const maxNameBytes = 255;

const bytesOf = (text: string) => new TextEncoder().encode(text).length;

/** What is wrong with a path, in words; null: nothing. */
function fault(path: string): string | null {
  if (!path.isWellFormed()) return "must be valid Unicode";
  if (/[\p{Cc}\u2028\u2029]/u.test(path)) return "must hold no control characters";
  if (path.includes("\\")) return "must be separated by /, not \\";
  if (bytesOf(path) > maxPathBytes) return `must be at most ${maxPathBytes} bytes`;
  const names = path.split("/").filter((name) => name !== "");
  if (names.some((name) => name === "." || name === "..")) return "must not hold . or ..";
  if (names.some((name) => bytesOf(name) > maxNameBytes)) return `must hold no name longer than ${maxNameBytes} bytes`;
  return null;
}

/**
 * A path in a lab as the lab keeps it: from its root `/`, Unicode NFC, one slash between names, none at the end; case is kept. A
 * leading slash may be left out when asking.
 */
export const LabPath = z.string().transform((given, context) => {
  const path = `/${given
    .normalize("NFC")
    .split("/")
    .filter((name) => name !== "")
    .join("/")}`;
  const message = fault(path);
  if (message === null) return path;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

/** Of a file or folder: everything but the root. */
export const EntryPath = LabPath.refine((path) => path !== "/", "must name a file or a folder, not the root");

/** `/` for what is at the top. */
export const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf("/")));

export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

export const LabFile = z.object({
  _id: z.string(),
  _creationTime: z.number(),
  id: z.string(),
  labId: z.string(),
  name: z.string(),
  path: z.string(),
  type: z.enum(["file", "folder"]),
  parentPath: z.string(),
  mimeType: z.string().nullable(),
  /** Bytes; 0 for folders. */
  size: z.number(),
  sha256: z.string().nullable(),
  /** Text of at most 1 MiB where one file was asked for; null: a folder, binary, larger, or one of a list. */
  content: z.string().nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type LabFile = z.infer<typeof LabFile>;

const MimeType = z
  .string()
  .max(200)
  .regex(/^[\w.+-]+\/[\w.+-]+(; ?charset=[\w-]+)?$/, "must be a media type as text/plain");

/** Makes a file, or replaces its content; folders on the way are made. Without content it makes a folder with `type: "folder"`. */
export const NewFile = z.strictObject({
  labId: z.string().min(1),
  path: EntryPath,
  type: z.enum(["file", "folder"]).default("file"),
  content: z.string().default(""),
  mimeType: MimeType.optional(),
});
export type NewFile = z.input<typeof NewFile>;

/** The fields of an upload; `file` comes along as the part with the bytes. */
export const FileUpload = z.strictObject({
  labId: z.string().min(1),
  /** Default: the name of the uploaded file, at the top. */
  path: EntryPath.optional(),
  mimeType: MimeType.optional(),
});

export const FilePatch = z.strictObject({
  labId: z.string().min(1),
  path: EntryPath,
  /** Moves or renames; a folder goes with all that is in it. */
  newPath: EntryPath.optional(),
  content: z.string().optional(),
  mimeType: MimeType.optional(),
});
export type FilePatch = z.input<typeof FilePatch>;

export const FileWritten = z.object({
  created: z.boolean(),
  path: z.string(),
  fileId: z.string(),
  bytes: z.number(),
});
export type FileWritten = z.infer<typeof FileWritten>;
