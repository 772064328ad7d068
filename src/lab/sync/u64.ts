const u64Bytes = 8;
const u64Max = 2n ** 64n - 1n;

/** A ts as the protocol writes it: base64 of eight bytes, little-endian. */
export function encodeU64(ts: bigint): string {
  const bytes = Buffer.alloc(u64Bytes);
  bytes.writeBigUInt64LE(ts < 0n ? 0n : ts > u64Max ? u64Max : ts);
  return bytes.toString("base64");
}

/** Null when the text is not eight bytes of base64. */
export function decodeU64(text: string): bigint | null {
  const bytes = Buffer.from(text, "base64");
  return bytes.length === u64Bytes ? bytes.readBigUInt64LE() : null;
}
