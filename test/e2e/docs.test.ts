import { afterAll, expect, test } from "vitest";
import { routes } from "../../src/lab/routes/index.js";
import { browserMissing, openBrowser } from "./browser.js";
import { freshHome } from "./driver.js";
import { labOf, run, stopEverything } from "./lab.js";

const cleanups: (() => unknown)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}, 60_000);

if (browserMissing !== null) console.log(`skipped: ${browserMissing}, so /docs is not seen in one`);

test.skipIf(browserMissing !== null)(
  "the reference page in a real browser: whole, without anything from elsewhere, and searched by typing",
  async () => {
    const { dir, clear } = freshHome();
    cleanups.push(clear, () => stopEverything(dir));
    await run(dir, ["lab", "start"]);
    const { url = "" } = (await labOf(dir)) ?? {};
    const page = await openBrowser();
    cleanups.push(page.close);
    await page.open(`${url}/docs`);

    const shown = (selector: string) =>
      page.evaluate<number>(
        `[...document.querySelectorAll(${JSON.stringify(selector)})].filter((one) => one.checkVisibility()).length`,
      );
    expect(await page.evaluate("document.title")).toBe("The lab of hubify-tui: API reference");
    expect(await shown(".group:not(#schemas) article")).toBe(routes.length);
    expect(await page.evaluate("document.querySelector('#postExperiments pre').textContent")).toContain(
      'curl -X POST "$LAB_URL/v1/experiments"',
    );
    // Every link inside the page leads somewhere in it.
    expect(
      await page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map((a) => a.hash.slice(1)).filter((id) => document.getElementById(id) === null)",
      ),
    ).toEqual([]);

    // `/` goes to the field, typing narrows, Escape shows everything again.
    await page.type("/");
    await page.type("post redeliver");
    expect(await shown(".group:not(#schemas) article")).toBe(1);
    expect(await shown("#none")).toBe(0);
    await page.type("zzz");
    expect(await shown(".group:not(#schemas) article")).toBe(0);
    expect(await shown("#none")).toBe(1);

    expect(page.complaints).toEqual([]);
    expect(new Set(page.requests.map((asked) => new URL(asked).pathname))).toEqual(new Set(["/docs"]));
  },
  60_000,
);
