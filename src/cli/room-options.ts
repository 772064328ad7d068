import { parseArgs } from "node:util";

/** Options of the control room, before any command. */
export interface RoomOptions {
  readonly sample?: boolean;
  readonly theme?: string;
  readonly readonly?: boolean;
  readonly charts?: "braille" | "block" | "ascii";
  readonly data?: string;
  readonly lab?: string;
  readonly runpod?: boolean;
}

interface RoomOption {
  readonly type: "boolean" | "string";
  /** What stands for the value in the help. */
  readonly value?: string;
  readonly about: string;
  readonly choices?: readonly string[];
}

/** One list for commander, which has the help and every refusal, and for the short way of a bare call. */
export const roomOptions: Readonly<Record<keyof RoomOptions, RoomOption>> = {
  sample: { type: "boolean", about: "queue the three samples in a lab that never had an experiment" },
  theme: {
    type: "string",
    value: "name",
    about: "dark, light, high-contrast, sixteen or your own; default follows the terminal's background",
  },
  readonly: { type: "boolean", about: "offer nothing that changes anything" },
  charts: { type: "string", value: "alphabet", about: "how charts are drawn", choices: ["braille", "block", "ascii"] },
  data: { type: "string", value: "dir", about: "data directory of the lab on this machine" },
  lab: { type: "string", value: "slug", about: "which lab of a server that has several; default its first" },
  runpod: { type: "boolean", about: "a RunPod account alone, with the key of RUNPOD_API_KEY and no lab" },
};

/**
 * The options of a call that can only mean the room; null for everything else, also for what is wrong: commander then says
 * how. It is not loaded on the way to the first frame, it takes longer than the frame itself.
 */
export function readRoomOptions(args: readonly string[]): RoomOptions | null {
  try {
    const { values } = parseArgs({ args: [...args], options: roomOptions, strict: true, allowPositionals: false });
    const isKnown = Object.entries(values).every(
      ([name, value]) => roomOptions[name as keyof RoomOptions].choices?.includes(String(value)) ?? true,
    );
    return isKnown ? (values as RoomOptions) : null;
  } catch {
    return null;
  }
}
