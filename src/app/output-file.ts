import type { Experiment } from "../contract/experiment.js";
import type { OutputFile } from "../contract/output.js";
import { visibleExperiments } from "./selectors/visible-experiments.js";
import type { AppState } from "./store.js";

/** The file under the cursor of the outputs that are open. */
export function selectedOutput({ experimentDetail: { parts, outputId, tab } }: AppState): OutputFile | undefined {
  const rows = tab === "outputs" ? (parts.outputs.value?.rows ?? []) : [];
  return rows.find(({ _id }) => _id === outputId) ?? rows[0];
}

/** The experiment whose detail is open. */
export function openExperiment({ experiments, experimentDetail }: AppState): Experiment | undefined {
  const { experimentId } = experimentDetail;
  return experimentId === null ? undefined : visibleExperiments(experiments).byId(experimentId);
}

/** More text than anybody reads on a screen; the whole can be saved. */
export const readBytes = 256 * 1024;

/** The beginning of a file as text; null when it is none. */
export async function readText(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ readonly text: string; readonly isCut: boolean } | null> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of chunks) {
    const room = readBytes - bytes;
    // A zero byte is in no text, and in nearly every other file.
    if (chunk.subarray(0, room).includes(0)) return null;
    text += decoder.decode(chunk.subarray(0, room), { stream: true });
    bytes += chunk.byteLength;
    if (bytes > readBytes) return { text, isCut: true };
  }
  return { text: text + decoder.decode(), isCut: false };
}
