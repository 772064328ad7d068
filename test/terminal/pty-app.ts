// Run in a pty by terminal-pty.test.ts: shows the last key, and leaves in every way there is.
import { spawn } from "node:child_process";
import { openTerminal } from "../../src/terminal/terminal.js";

const terminal = openTerminal({ stdin: process.stdin, stdout: process.stdout, env: process.env });
const keys: string[] = [];
const show = (text: string) => terminal.screen.setBase([`pid ${process.pid}.`, text, `size ${terminal.size.columns}`]);

const actions: Record<string, () => void> = {
  q: () => terminal.leave(),
  t: () => void setTimeout(() => throwIn("a timer"), 0),
  r: () => void Promise.reject(new Error("thrown in a promise")),
  e: () => process.exit(3),
  l: () => void lend(),
};

function throwIn(place: string): never {
  throw new Error(`thrown in ${place}`);
}

async function lend(): Promise<void> {
  await terminal.lend(
    () =>
      new Promise((resolve) => {
        const child = spawn("sh", ["-c", "echo child here; read line; echo child got $line"], { stdio: "inherit" });
        child.on("exit", resolve);
      }),
  );
  show("lent and back");
}

show("ready");
terminal.onResize(() => show("resized"));
if (process.argv[2] === "throw-early") throwIn("the beginning");
terminal.enter();
if (process.argv[2] !== "no-listener") {
  terminal.onKey(({ name }) => {
    const action = actions[name];
    if (action !== undefined) {
      action();
      return;
    }
    keys.push(name);
    show(`keys ${keys.join(" ")}`);
  });
}
