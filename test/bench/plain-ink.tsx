import { spawn } from "node:child_process";
import { Box, render, Text, useInput } from "ink";
import { useEffect, useState } from "react";

// The baseline: a queue, a log and pods drawn the ordinary Ink way. PLAIN_INK says what happens: `lines` (log lines come from
// the command in PLAIN_INK_LINES), `cell` or `all` (ten times a second one cell or everything changes), or nothing.

const happens = process.env["PLAIN_INK"] ?? "";
const linesCommand = process.env["PLAIN_INK_LINES"] ?? "";
const keptLines = 5000;
const updateMs = 100;

interface QueueRow {
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly priority: string;
  readonly progress: number;
  readonly age: number;
}

const firstQueue: readonly QueueRow[] = Array.from({ length: 20 }, (_, index) => ({
  id: `EXP-${String(index + 1).padStart(3, "0")}`,
  title: `MCMC chain, Planck 2018 + BAO, seed ${index}`,
  state: index < 12 ? "● run" : "✔ pass",
  priority: "normal",
  progress: index / 20,
  age: 60 + index,
}));
const firstLog = Array.from(
  { length: 400 },
  (_, index) => `09:40:12 [mcmc] sample ${index} of the posterior, chi2 ${1200 - index}`,
);
const pods = Array.from({ length: 8 }, (_, index) => `pod-${index + 1}`);
const blocks = "▁▂▃▄▅▆▇█";
const sparkline = (pod: number, step: number) =>
  Array.from({ length: 40 }, (_, column) => blocks[(column * 3 + step + pod) % blocks.length]).join("");

function App() {
  const [queue, setQueue] = useState(firstQueue);
  const [log, setLog] = useState<readonly string[]>(firstLog);
  const [step, setStep] = useState(0);
  const [selected, setSelected] = useState(0);
  const [marked, setMarked] = useState<readonly number[]>([]);

  useInput((input, key) => {
    if (input === "j") setSelected((at) => Math.min(firstQueue.length - 1, at + 1));
    if (input === "k") setSelected((at) => Math.max(0, at - 1));
    if (input === "b") {
      setMarked((rows) => (rows.includes(selected) ? rows.filter((row) => row !== selected) : [...rows, selected]));
    }
    if (input === "q" || (key.ctrl && input === "c")) process.exit(0);
  });

  useEffect(() => {
    if (happens === "lines") {
      const child = spawn("/bin/sh", ["-c", `exec ${linesCommand}`], { stdio: ["ignore", "pipe", "ignore"] });
      let rest = "";
      child.stdout.on("data", (data: Buffer) => {
        const lines = (rest + data.toString()).split("\n");
        rest = lines.pop() ?? "";
        setLog((held) => [...held, ...lines].slice(-keptLines));
      });
      process.on("exit", () => child.kill());
    }
    if (happens !== "cell" && happens !== "all") return;
    let count = 0;
    const timer = setInterval(() => {
      count++;
      setQueue((rows) =>
        rows.map((row, index) => (happens === "all" || index === 0 ? { ...row, age: row.age + 1 } : row)),
      );
      if (happens !== "all") return;
      setStep(count);
      setLog((held) =>
        [...held, ...Array.from({ length: 3 }, (_, index) => `09:41:07 [mcmc] line ${count * 3 + index}`)].slice(
          -keptLines,
        ),
      );
    }, updateMs);
    return () => clearInterval(timer);
  }, []);

  return (
    <Box flexDirection="column" width={200} height={49}>
      <Box height={37}>
        <Box flexDirection="column" width={90} borderStyle="round" overflow="hidden">
          {queue.map((row, index) => (
            <Row key={row.id} row={row} isSelected={index === selected} isMarked={marked.includes(index)} />
          ))}
        </Box>
        <Box flexDirection="column" width={110} borderStyle="round" overflow="hidden">
          {log.slice(-35).map((line, index) => (
            <Text key={index} wrap="truncate">
              {line}
            </Text>
          ))}
        </Box>
      </Box>
      <Box flexDirection="column" height={12} borderStyle="round" overflow="hidden">
        {pods.map((pod, index) => (
          <Box key={pod}>
            <Box width={12}>
              <Text bold>{pod}</Text>
            </Box>
            <Box width={44}>
              <Text color="green">{sparkline(index, step)}</Text>
            </Box>
            <Text>{`${(step * 7 + index * 11) % 100} %  $${(4 + index / 10).toFixed(2)}`}</Text>
          </Box>
        ))}
      </Box>
    </Box>
  );
}

interface RowProps {
  readonly row: QueueRow;
  readonly isSelected: boolean;
  readonly isMarked: boolean;
}

function Row({ row, isSelected, isMarked }: RowProps) {
  return (
    <Box>
      <Text inverse={isSelected}>{`${isSelected ? "▸" : " "}${isMarked ? "★" : " "} ${row.id}`}</Text>
      <Box width={44} marginLeft={2}>
        <Text wrap="truncate">{row.title}</Text>
      </Box>
      <Box width={10}>
        <Text color="green">{row.state}</Text>
      </Box>
      <Box width={8}>
        <Text>{row.priority}</Text>
      </Box>
      <Box width={6}>
        <Text>{`${Math.round(row.progress * 100)} %`}</Text>
      </Box>
      <Text>{`${row.age}m`}</Text>
    </Box>
  );
}

render(<App />, { alternateScreen: true });
