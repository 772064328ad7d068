import { Box } from "ink";
import { selectedOutput } from "../../../app/output-file.js";
import type { OpenOutput, OutputList } from "../../../app/slices/experiment-detail.js";
import type { OutputFile } from "../../../contract/output.js";
import { useApp, useUi } from "../../hooks.js";
import { fit, type Piece, printable } from "../../paint/columns.js";
import { dateTime } from "../../paint/date-time.js";
import { fileSize } from "../../paint/file-size.js";
import { count } from "../../paint/number-format.js";
import { said } from "../../widgets/fact-lines.js";
import { Line } from "../../widgets/line.js";
import { Lines, type TabLine } from "../../widgets/lines.js";
import { List, movedSelection } from "../../widgets/list.js";
import { useKeys } from "../../widgets/use-keys.js";
import { partLines, wrapped } from "./part-lines.js";

interface OutputsProps {
  readonly width: number;
  readonly height: number;
  /** Keys that neither choose nor do anything to a file. */
  readonly onKey: (name: string) => void;
}

/** The files that the current attempt left: chosen, read here, saved beside the person. */
export function Outputs(props: OutputsProps) {
  const file = useApp((state) => state.experimentDetail.file);
  const part = useApp((state) => state.experimentDetail.parts.outputs);
  if (file !== null) return <File {...props} file={file} />;
  if (part.value === null || part.value.rows.length === 0) {
    const lines = partLines(part, { width: props.width, loading: "Asking for its files …" }, () => [
      said("It has left no file."),
    ]);
    return <Lines lines={lines} {...props} />;
  }
  return <Files {...props} list={part.value} failure={part.failure?.message ?? null} />;
}

/** Below the list: a blank, and what is said of the chosen file. */
const footRows = 2;

function Files({
  width,
  height,
  onKey,
  list,
  failure,
}: OutputsProps & { readonly list: OutputList; readonly failure: string | null }) {
  const { store, runner } = useUi();
  const chosen = useApp(selectedOutput);
  const { rows } = list;
  const position = Math.max(
    0,
    rows.findIndex(({ _id }) => _id === chosen?._id),
  );
  const listHeight = Math.max(1, height - footRows);
  useKeys(({ name }) => {
    const moved = movedSelection(aliases[name] ?? name, position, { count: rows.length, height: listHeight });
    const to = moved === undefined ? undefined : rows[moved];
    if (to !== undefined) store.dispatch({ type: "experimentDetail/outputSelected", id: to._id });
    else if (name === "enter") void runner.run("output.read");
    else if (name === "S") void runner.run("output.save");
    else if (name === "y") void runner.run("output.copyPath");
    else onKey(name);
  });
  return (
    <Box flexDirection="column" width={width} height={height}>
      <List items={rows} selected={position} height={listHeight}>
        {(row, index) => (
          <Line key={row._id} width={width} selected={index === position} pieces={filePieces(row, width - 2)} />
        )}
      </List>
      <Box marginTop={1} flexShrink={0}>
        <Line width={width} pieces={footPieces(list, chosen, failure)} />
      </Box>
    </Box>
  );
}

/** Nothing is typed here, so the keys of a list work as well. */
const aliases: Readonly<Record<string, string>> = {
  j: "down",
  k: "up",
  g: "ctrl-home",
  G: "ctrl-end",
  home: "ctrl-home",
  end: "ctrl-end",
};

const kindColumns = 11;
const sizeColumns = 10;
const dateColumns = 21;

function filePieces({ path, kind, size, modifiedAt, where }: OutputFile, width: number): readonly Piece[] {
  const hasDate = width >= 90;
  const room = width - kindColumns - sizeColumns - (hasDate ? dateColumns : 0) - 1;
  return [
    [where === "pod" ? "stale" : "text.primary", fit(printable(path), room)],
    ["text.primary", " "],
    ["text.accent", fit(where === "pod" ? "on the pod" : kind, kindColumns)],
    ["text.primary", fit(fileSize(size), sizeColumns, "right")],
    ["log.time", hasDate ? fit(dateTime(modifiedAt), dateColumns, "right") : ""],
  ];
}

function footPieces(
  { rows, more }: OutputList,
  chosen: OutputFile | undefined,
  failure: string | null,
): readonly Piece[] {
  if (failure !== null) return [["notice.bad", printable(failure)]];
  if (chosen?.where === "pod") {
    return [["level.warn", `Still on the pod: ${printable(chosen.reason ?? "F in the fleet fetches it")}`]];
  }
  const bytes = rows.reduce((sum, { size }) => sum + (size ?? 0), 0);
  return [
    [
      "text.muted",
      `${count(rows.length)}${more ? " and more" : ""} ${rows.length === 1 ? "file" : "files"}, ${fileSize(bytes)}`,
    ],
    ["text.muted", chosen === undefined ? "" : `   ${printable(chosen.mimeType)}`],
  ];
}

function File({ width, height, file }: OutputsProps & { readonly file: OpenOutput }) {
  const { store, runner } = useUi();
  return (
    <Lines
      lines={fileLines(file, width)}
      width={width}
      height={height}
      state={[["text.strong", `${printable(file.path)}  `]]}
      onKey={(name) => {
        if (name === "esc" || name === "backspace") store.dispatch({ type: "experimentDetail/fileClosed" });
        else if (name === "S") void runner.run("output.save");
        else if (name === "y") void runner.run("output.copyPath");
      }}
    />
  );
}

function fileLines({ text, isCut, failure }: OpenOutput, width: number): readonly TabLine[] {
  if (failure !== null) return wrapped(failure.message, width, "notice.bad");
  if (text === null) return [said("Reading it …")];
  if (text === "") return [said("It is empty.")];
  const lines = text.split("\n").map((line): TabLine => [["text.primary", printable(line.replace(/\r$/, ""))]]);
  return isCut ? [...lines, [["level.warn", "It goes on: S saves all of it."]]] : lines;
}
