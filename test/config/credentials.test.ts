import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { credentialsFile, readCredentials, runpodApiKey, runpodBaseUrl } from "../../src/config/credentials.js";
import { FailureError } from "../../src/core/failure.js";

const dir = mkdtempSync(join(tmpdir(), "credentials-"));
afterEach(() => rmSync(credentialsFile(dir), { force: true }));
afterAll(() => rmSync(dir, { recursive: true }));

const write = (text: string, mode = 0o600) => {
  const file = credentialsFile(dir);
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
};

function refusal(run: () => unknown) {
  try {
    run();
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    throw error;
  }
  throw new Error("was accepted");
}

test("no file is no credentials", () => {
  expect(readCredentials(credentialsFile(dir))).toEqual({});
  expect(runpodApiKey({}, dir)).toBeUndefined();
});

test("the environment wins over the file, a blank one does not", () => {
  write('{"runpodApiKey":"rpa_fromfile","later":1}');
  expect(runpodApiKey({}, dir)).toBe("rpa_fromfile");
  expect(runpodApiKey({ RUNPOD_API_KEY: " " }, dir)).toBe("rpa_fromfile");
  expect(runpodApiKey({ RUNPOD_API_KEY: "rpa_fromenv\n" }, dir)).toBe("rpa_fromenv");
});

test.each([0o644, 0o640, 0o604, 0o660])("mode %o is refused with the way to mend it", (mode) => {
  const file = write('{"runpodApiKey":"rpa_secret1"}', mode);
  const failure = refusal(() => readCredentials(file));
  expect(failure.message).toContain(`mode 0${mode.toString(8)}`);
  expect(failure.hint).toBe(`chmod 600 ${file}`);
});

test.each(["rpa_secret1", '{"runpodApiKey": rpa_secret1}', '{"runpodApiKey": 5}', "[]x"])(
  "%s is refused without being quoted",
  (text) => {
    const failure = refusal(() => readCredentials(write(text)));
    expect(failure.kind).toBe("invalid");
    expect(JSON.stringify(failure)).not.toContain("rpa_secret1");
  },
);

test("a key that fits in no header is refused without being quoted", () => {
  const failure = refusal(() => runpodApiKey({ RUNPOD_API_KEY: "rpa_one\nrpa_two" }, dir));
  expect(failure.message).toContain("RUNPOD_API_KEY");
  expect(JSON.stringify(failure)).not.toContain("rpa_one");
});

test("the base url loses its last slash and has to be one", () => {
  expect(runpodBaseUrl({})).toBeUndefined();
  expect(runpodBaseUrl({ RUNPOD_API_BASE_URL: "http://127.0.0.1:4210/" })).toBe("http://127.0.0.1:4210");
  expect(refusal(() => runpodBaseUrl({ RUNPOD_API_BASE_URL: "api.runpod.io" })).message).toContain(
    "RUNPOD_API_BASE_URL",
  );
});
