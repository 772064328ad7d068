import { crc32, deflateSync } from "node:zlib";

/** A PNG of one grey, as small as it gets. */
export function png(width = 3, height = 2): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(8, 8);
  const rows = Buffer.alloc(height * (width + 1), 128);
  for (let row = 0; row < height; row++) rows[row * (width + 1)] = 0;
  const start = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([
    start,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** A form as curl sends it. */
export function form(
  fields: Record<string, string>,
  file?: { bytes: Buffer | string; name?: string; part?: string },
): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  if (file !== undefined) {
    const bytes = typeof file.bytes === "string" ? Buffer.from(file.bytes) : file.bytes;
    data.append(file.part ?? "file", new Blob([new Uint8Array(bytes)]), file.name ?? "figure.png");
  }
  return data;
}
