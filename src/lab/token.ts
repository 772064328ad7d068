import { hash, randomBytes, timingSafeEqual } from "node:crypto";

/** Whether a token is the lab's. Takes the same time however much of it is right; its length is no secret. */
export function tokenMatcher(token: string): (given: string) => boolean {
  const wanted = Buffer.from(token);
  return (given) => {
    const bytes = Buffer.from(given);
    return bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
  };
}

/** A token that nobody can guess: 256 random bits behind a word that says what it is. */
export const newToken = (kind: "hk_live" | "hs_live"): string => `${kind}_${randomBytes(32).toString("base64url")}`;

/** What is stored of a token, and looked up: of 256 random bits nothing slower than SHA-256 is needed. */
export const tokenHash = (token: string): string => hash("sha256", token);

/** How a token begins: enough to tell it from others, too little to guess it. */
export const tokenPrefix = (token: string): string => token.slice(0, "hk_live_".length + 4);
