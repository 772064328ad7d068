import { expect, test } from "vitest";
import { groupLine, maxGroupLines, noGroups, type OpenGroups } from "../../src/chain/traceback.js";

/** `level:group` of each line, or `level` alone. */
function judge(text: string) {
  let open: OpenGroups = noGroups;
  return text.split("\n").map((line, seq) => {
    const judged = groupLine(open, { seq, text: line, bytes: line.length + 1 });
    open = JSON.parse(JSON.stringify(judged.open)) as OpenGroups;
    return judged.group === null ? judged.level : `${judged.level}:${judged.group}`;
  });
}

const cases: Record<string, readonly (readonly [line: string, judged: string])[]> = {
  "a traceback of Python, and what follows it": [
    ["epoch 1", "info"],
    ["Traceback (most recent call last):", "error"],
    ['  File "train.py", line 3, in <module>', "error:1"],
    ["    main()", "error:1"],
    ["    ~~~~^^", "error:1"],
    ["ValueError: bad shape", "error:1"],
    ["epoch 2", "info"],
  ],
  "chained exceptions": [
    ["Traceback (most recent call last):", "error"],
    ['  File "a.py", line 1, in f', "error:0"],
    ["KeyError: 'x'", "error:0"],
    ["", "info"],
    ["During handling of the above exception, another exception occurred:", "error:0"],
    ["", "info"],
    ["Traceback (most recent call last):", "error:0"],
    ['  File "a.py", line 2, in g', "error:0"],
    ["hydra.errors.ConfigCompositionException", "error:0"],
    ["", "info"],
    ["", "info"],
    ["  indented", "info"],
  ],
  "a logged exception is one with its message": [
    ["2026-01-01 12:00:00,123 - run - ERROR - step failed", "error"],
    ["Traceback (most recent call last):", "error:0"],
    ['  File "a.py", line 1, in f', "error:0"],
    ["RuntimeError: CUDA error: device-side assert triggered", "error:0"],
    ["CUDA kernel errors might be asynchronously reported at some other API call", "error:0"],
    ["2026-01-01 12:00:01,000 - run - INFO - goes on", "info"],
  ],
  "an error is not hidden under a warning before it": [
    ["WARNING: slow", "warn"],
    ["Traceback (most recent call last):", "error"],
    ['  File "a.py", line 1', "error:1"],
  ],
  "a warning of Python with its source": [
    ["/usr/lib/x.py:12: UserWarning: deprecated", "warn"],
    ['  warnings.warn("deprecated")', "warn:0"],
    ["  step 1", "info"],
  ],
  Java: [
    ['Exception in thread "main" java.lang.IllegalStateException: no', "error"],
    ["\tat a.B.c(B.java:3)", "error:0"],
    ["Caused by: java.io.IOException: gone", "error:0"],
    ["\tat a.B.d(B.java:9)", "error:0"],
    ["\t... 23 more", "error:0"],
    ["done", "info"],
  ],
  Node: [
    ["/srv/run.js:3", "error"],
    ["throw new TypeError('x')", "error:0"],
    ["^", "error:0"],
    ["", "info"],
    ["TypeError: x", "error:0"],
    ["    at Object.<anonymous> (/srv/run.js:3:7)", "error:0"],
    ["    at node:internal/main/run_main_module:28:49", "error:0"],
    ["", "info"],
    ["Node.js v24.1.0", "error:0"],
  ],
  R: [
    ["Error in library(foo) : there is no package called 'foo'", "error"],
    ["Calls: source -> eval", "error:0"],
    ["Execution halted", "error:0"],
    ["[1] 0.5", "info"],
  ],
  Julia: [
    ["ERROR: LoadError: DomainError with -1.0:", "error"],
    ["sqrt was called with a negative real argument", "error:0"],
    ["Stacktrace:", "error:0"],
    [" [1] throw_complex_domainerror(f::Symbol, x::Float64)", "error:0"],
    ["   @ Base.Math ./math.jl:33", "error:0"],
    ["in expression starting at /tmp/x.jl:1", "error:0"],
    ["next", "info"],
    ["┌ Warning: step is small", "warn"],
    ["│   step = 1e-9", "warn:7"],
    ["└ @ Main run.jl:7", "warn:7"],
    ["next", "info"],
  ],
  "C++": [
    ["terminate called after throwing an instance of 'std::runtime_error'", "error"],
    ["  what():  bad", "error:0"],
    ["Exception raised from malloc at alloc.cpp:3 (most recent call first):", "error:0"],
    ["frame #0: c10::Error::Error() + 0x57 (0x7f in libc10.so)", "error:0"],
    ["run.sh: line 3: 12345 Aborted                 (core dumped) ./a.out", "error"],
  ],
  Go: [
    ["panic: nil map", "error"],
    ["", "info"],
    ["goroutine 1 [running]:", "error:0"],
    ["main.main()", "error:0"],
    ["\t/srv/x.go:4 +0x1d", "error:0"],
    ["exit status 2", "error:0"],
  ],
  Rust: [
    ["thread 'main' panicked at src/main.rs:2:5:", "error"],
    ["index out of bounds", "error:0"],
    ["stack backtrace:", "error:0"],
    ["   0: rust_begin_unwind", "error:0"],
    ["             at /rustc/std.rs:4", "error:0"],
  ],
  "an abort of MPI": [
    ["-".repeat(74), "info"],
    ["MPI_ABORT was invoked on rank 0 in communicator MPI_COMM_WORLD", "error"],
    ["with errorcode 1.", "error:1"],
    ["", "info"],
    ["NOTE: invoking MPI_ABORT causes Open MPI to kill all MPI processes.", "error:1"],
    ["-".repeat(74), "error:1"],
    ["next", "info"],
  ],
  "ranks that speak at once": [
    ["[rank0]: Traceback (most recent call last):", "error"],
    ["[rank1]: Traceback (most recent call last):", "error"],
    ['[rank0]:   File "a.py", line 1', "error:0"],
    ['[rank1]:   File "a.py", line 1', "error:1"],
    ["from the launcher", "info"],
    ["[rank1]: ValueError: b", "error:1"],
    ["[rank0]: ValueError: a", "error:0"],
    ["[rank0]: goes on", "info"],
  ],
  "progress behind an error is no part of it": [
    ["ERROR: lost a file", "error"],
    ["    [25/400] 0.150 MC/s  ETA 41.7 min", "info"],
    ["[6] global p-value = 0.01", "info"],
  ],
  colours: [
    ["\u001b[31mTraceback (most recent call last):\u001b[0m", "error"],
    ['\u001b[2m  File "a.py", line 1\u001b[0m', "error:0"],
  ],
};

test.each(Object.entries(cases))("%s", (_, lines) => {
  const judged = judge(lines.map(([line]) => line).join("\n"));
  expect(lines.map(([line], index) => [line, judged[index]])).toEqual(lines);
});

test("a million lines are not one traceback", () => {
  const judged = judge(`Traceback (most recent call last):\n${'  File "a.py", line 1\n'.repeat(3000)}`);
  expect(judged.filter((each) => each === "error:0")).toHaveLength(maxGroupLines - 1);
  expect(judged.at(-2)).toBe("info");
});

test("many ranks at once are bounded", () => {
  let open: OpenGroups = noGroups;
  for (let seq = 0; seq < 100; seq++) {
    open = groupLine(open, { seq, text: `[rank${seq}]: Traceback (most recent call last):`, bytes: 50 }).open;
  }
  expect(open).toHaveLength(16);
});
