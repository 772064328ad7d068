import { slugOf } from "../../core/slug.js";
import { LabError } from "../lab-error.js";

export interface SlugRequest {
  readonly wanted?: string | undefined;
  /** What it is made from when none is wanted. */
  readonly words: string;
  /** `paper`: for the refusal, and when nothing of the words can stand in a slug. */
  readonly noun: string;
  isTaken(slug: string): Promise<boolean>;
}

/** The wanted slug, refused when it is taken; else the first free one after the words: `dark-energy`, `dark-energy-2` … */
export async function freeSlug({ wanted, words, noun, isTaken }: SlugRequest): Promise<string> {
  if (wanted !== undefined) {
    if (await isTaken(wanted))
      throw new LabError("conflict", `slug: ${wanted} is taken by another ${noun} of this lab`);
    return wanted;
  }
  const base = slugOf(words) || noun;
  let slug = base;
  for (let number = 2; await isTaken(slug); number++) slug = `${base}-${number}`;
  return slug;
}
