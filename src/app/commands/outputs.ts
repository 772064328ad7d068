import { toFailure } from "../../core/failure.js";
import { defineCommand } from "../command.js";
import { openExperiment, readText, selectedOutput } from "../output-file.js";
import type { AppState } from "../store.js";

const notHere = "open the outputs of an experiment: o, then 5";

function againstReading(state: AppState): string | null {
  const file = selectedOutput(state);
  if (file === undefined || openExperiment(state) === undefined) return notHere;
  return file.where === "pod" ? "it is still on the pod" : null;
}

const read = defineCommand({
  id: "output.read",
  title: "Read an output",
  about: "Shows the beginning of the chosen file of an experiment's outputs, where it is text.",
  keys: [],
  scope: "everywhere",
  port: "outputs.download",
  disabledReason: againstReading,
  async run({ state, dispatch, connection }) {
    const file = selectedOutput(state);
    const row = openExperiment(state);
    if (connection === null || file === undefined || row === undefined) return;
    const { path } = file;
    const stop = new AbortController();
    dispatch({ type: "experimentDetail/fileOpened", path });
    try {
      const found = await readText(await connection.outputs.download(row._id, path, { signal: stop.signal }));
      const failure = { kind: "unsupported", message: `${path} is not text: S saves it` } as const;
      if (found === null) dispatch({ type: "experimentDetail/fileFailed", path, failure });
      else dispatch({ type: "experimentDetail/fileReceived", path, ...found });
    } catch (error) {
      dispatch({ type: "experimentDetail/fileFailed", path, failure: toFailure(error) });
    } finally {
      // What was not read of it is not sent either.
      stop.abort();
    }
  },
});

const save = defineCommand({
  id: "output.save",
  title: "Save an output",
  about: "Saves the chosen file of an experiment's outputs where the room was started, never over another file.",
  keys: [],
  scope: "everywhere",
  port: "outputs.download",
  disabledReason: againstReading,
  async run({ state, dispatch, connection, host, nowMs, nextActionId }) {
    const file = selectedOutput(state);
    const row = openExperiment(state);
    if (connection === null || file === undefined || row === undefined) return;
    const stop = new AbortController();
    const id = nextActionId();
    dispatch({
      type: "action/started",
      action: { id, title: `Save ${file.name}`, target: row._id, startedAt: nowMs },
    });
    try {
      const chunks = await connection.outputs.download(row._id, file.path, { signal: stop.signal });
      const path = await host.saveBytes(`${row.experimentId}-${file.name.replaceAll("/", "_")}`, chunks);
      dispatch({ type: "action/succeeded", id, text: `${file.path} saved to ${path}`, at: nowMs });
    } catch (error) {
      dispatch({ type: "action/failed", id, failure: toFailure(error), at: nowMs });
    } finally {
      stop.abort();
    }
  },
});

const copyPath = defineCommand({
  id: "output.copyPath",
  title: "Copy an output's path",
  about: "Copies the path of the chosen file of an experiment's outputs to the clipboard of your terminal.",
  keys: [],
  scope: "everywhere",
  disabledReason: (state) => (selectedOutput(state) === undefined ? notHere : null),
  run({ state, dispatch, host, nowMs }) {
    const path = selectedOutput(state)?.path ?? "";
    const copied = host.copy(path);
    const text = copied ? `copied ${path}` : "too long for the terminal's clipboard";
    dispatch({ type: "notice/shown", tone: copied ? "info" : "bad", text, at: nowMs });
  },
});

export const outputCommands = [read, save, copyPath];
