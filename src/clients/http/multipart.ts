import { randomUUID } from "node:crypto";
import type { UploadedFile } from "../../core/uploaded-file.js";

/** A multipart/form-data body that is made while it is sent: the fields, then the file as the part `file`. */
export function multipart(
  fields: Readonly<Record<string, string | undefined>>,
  file: UploadedFile,
): { readonly contentType: string; readonly body: AsyncIterable<Uint8Array> } {
  const boundary = `hubify-${randomUUID()}`;
  async function* body(): AsyncGenerator<Uint8Array> {
    for (const [name, value] of Object.entries(fields)) {
      if (value === undefined) continue;
      yield Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"\r\n\r\n${value}\r\n`);
    }
    const head = `Content-Disposition: form-data; name="file"; filename="${quoted(file.name)}"`;
    yield Buffer.from(`--${boundary}\r\n${head}\r\nContent-Type: application/octet-stream\r\n\r\n`);
    yield* file.bytes;
    yield Buffer.from(`\r\n--${boundary}--\r\n`);
  }
  return { contentType: `multipart/form-data; boundary=${boundary}`, body: body() };
}

/** As browsers write names (HTML standard, multipart/form-data encoding). */
const quoted = (text: string) => text.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
