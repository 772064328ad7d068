import { timingSafeEqual } from "node:crypto";

/** Whether a token is the lab's. Takes the same time however much of it is right; its length is no secret. */
export function tokenMatcher(token: string): (given: string) => boolean {
  const wanted = Buffer.from(token);
  return (given) => {
    const bytes = Buffer.from(given);
    return bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
  };
}
