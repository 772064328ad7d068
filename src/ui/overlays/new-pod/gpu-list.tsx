import { Box } from "ink";
import { type GpuOption, hasStock, priceRange, rankOfStock, regionsOf, stockOf } from "../../../app/gpu-options.js";
import { rangeText } from "../../../app/rent-price.js";
import type { StockState } from "../../../app/slices/stock.js";
import { useUi } from "../../hooks.js";
import { fit, type Piece, wrapWords } from "../../paint/columns.js";
import { glyph } from "../../paint/look.js";
import { timeOfDay } from "../../paint/number-format.js";
import type { Look } from "../../panes/pane.js";
import { Label } from "../../widgets/label.js";
import { Line } from "../../widgets/line.js";
import { List } from "../../widgets/list.js";
import { TextField } from "../../widgets/text-field.js";
import { Waiting } from "../../widgets/waiting.js";
import { chosenOption, type PodForm, shownOptions } from "./form.js";

interface GpuListProps {
  readonly form: PodForm;
  readonly stock: StockState;
  readonly width: number;
  /** Rows of the list, without the line above it. */
  readonly height: number;
}

const nameColumns = 12;

/** What can be rented, as the providers say now, and the line that is typed to find some of it. */
export function GpuList({ form, stock, width, height }: GpuListProps) {
  const { look } = useUi();
  const focused = form.field === "gpu";
  const rows = stock.rows ?? [];
  const options = shownOptions(form, rows);
  const chosen = chosenOption(form, rows);
  return (
    <Box flexDirection="column" width={width} flexShrink={0}>
      <Box width={width} height={1} flexShrink={0} overflow="hidden">
        <Box width={nameColumns} flexShrink={0}>
          <Label tone={focused ? "text.accent" : "text.muted"}>{`${focused ? glyph("cursor", look) : " "} GPU`}</Label>
        </Box>
        <TextField state={form.filter} width={24} focused={focused} placeholder="type to find" />
        <Label tone="text.muted">{`  ${countText(stock, options.length)}`}</Label>
      </Box>
      <Box height={height} flexShrink={0} flexDirection="column">
        {options.length === 0 ? (
          <Nothing stock={stock} filter={form.filter.text} width={width - 2} />
        ) : (
          <List items={options} selected={options.findIndex(({ id }) => id === chosen?.id)} height={height}>
            {(option) => (
              <Line
                key={option.id}
                width={width}
                selected={option.id === chosen?.id}
                pieces={optionPieces(option, width - 2, look)}
              />
            )}
          </List>
        )}
      </Box>
    </Box>
  );
}

function countText({ rows, at, loading }: StockState, shown: number): string {
  if (rows === null) return "";
  const none = rows.length > 0 && !rows.some(hasStock) ? "NO STOCK ANYWHERE NOW · " : "";
  const age = loading ? "asking again" : at === null ? "" : `as of ${timeOfDay(at, 5)}`;
  return `${none}${shown} to choose from · ${age}`;
}

function Nothing({
  stock,
  filter,
  width,
}: {
  readonly stock: StockState;
  readonly filter: string;
  readonly width: number;
}) {
  if (stock.failure !== null) {
    const { message, hint } = stock.failure;
    const text = `Stock is not known: ${message}${hint === undefined ? "" : ` · ${hint}`}`;
    return wrapWords(text, width).map((line, index) => (
      <Line key={index} width={width + 2} pieces={[["notice.bad", `  ${line}`]]} />
    ));
  }
  if (stock.rows === null) return <Waiting>asking for stock and prices</Waiting>;
  const text =
    stock.rows.length === 0 ? "No provider here rents anything: a RunPod key is needed" : `Nothing is named ${filter}`;
  return <Line width={width} pieces={[["text.muted", `  ${text}`]]} />;
}

const stockGlyphs = ["running", "running", "alert", "unknown", "stopped"] as const;

/** Memory, price and stock. */
const fixedColumns = 10 + 15 + 12;
/** What the kind of machine takes; places come behind it. */
const leastColumns = 10;

/** Name, memory, price, stock as glyph and word, kind and places. */
function optionPieces(option: GpuOption, width: number, look: Look): readonly Piece[] {
  const stock = stockOf(option);
  const rank = rankOfStock(stock);
  const word = stock?.toLowerCase() ?? "unknown";
  const places = regionsOf(option).map(({ id }) => id);
  const range = priceRange(option);
  const name = width >= 80 ? 23 : 16;
  const room = width - name - fixedColumns;
  const cloud = option.cloud === "COMMUNITY" ? "community " : "secure    ";
  const tone = rank <= 1 ? "status.pass" : rank === 2 ? "alert.warning" : "text.muted";
  return [
    ["text.primary", fit(option.name, name)],
    ["text.muted", fit(memoryText(option), 10, "right")],
    ["money", fit(range === null ? "–/h" : `${rangeText(range)}/h`, 15, "right")],
    [tone, `  ${glyph(stockGlyphs[rank] ?? "unknown", look)} ${fit(word, 8)}`],
    ...(room < leastColumns ? [] : [["text.muted", fit(`${cloud}${placesText(places)}`, room)] as const]),
  ];
}

/** `80 GB`, `80–94 GB`; unknown is `–`. */
function memoryText({ rows }: GpuOption): string {
  const known = rows.flatMap(({ memoryGb }) => memoryGb ?? []);
  if (known.length === 0) return "–";
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return least === most ? `${least} GB` : `${least}–${most} GB`;
}

/** What is tried first comes first. */
function placesText(places: readonly string[]): string {
  const [first, second] = places;
  if (first === undefined) return "";
  const more = places.length > 2 ? ` +${places.length - 2}` : "";
  return second === undefined ? first : `${first} ${second}${more}`;
}
