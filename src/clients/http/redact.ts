/** Takes bearer values and key-like words (RunPod's `rpa_…`) out of a text before it is shown or logged. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text.replace(/(bearer|convex)\s+[\w.~+/=-]{8,}/gi, "$1 ***").replace(/rpa_[A-Za-z0-9]+/g, "rpa_***");
  for (const secret of secrets) if (secret.length >= 6) clean = clean.replaceAll(secret, "***");
  return clean;
}
