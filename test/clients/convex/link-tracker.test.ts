import { expect, test } from "vitest";
import { LinkTracker } from "../../../src/clients/convex/link-tracker.js";
import type { Link } from "../../../src/contract/connection.js";

function setUp() {
  const clock = { ms: 1000, now: () => clock.ms };
  const tracker = new LinkTracker(clock, "127.0.0.1:7420");
  const links: Link[] = [];
  tracker.watch((link) => links.push(link));
  return { clock, tracker, links };
}

const connected = { isConnected: true, retries: 0, wait: null };

test("connecting, live, lost with the time of the last word, live again", () => {
  const { clock, tracker, links } = setUp();
  tracker.update({ isConnected: false, retries: 0, wait: null });
  clock.ms = 1100;
  tracker.update(connected);
  clock.ms = 5000;
  tracker.onMessage();
  clock.ms = 6000;
  tracker.onClose("InternalServerError: the lab is stopping");
  tracker.update({ isConnected: false, retries: 1, wait: { id: 1, backoffMs: 800.4 } });
  clock.ms = 6900;
  tracker.update({ isConnected: false, retries: 1, wait: null });
  tracker.onClose("ECONNREFUSED");
  tracker.update({ isConnected: false, retries: 2, wait: { id: 2, backoffMs: 2000 } });
  clock.ms = 8900;
  tracker.update(connected);
  const stopping = "127.0.0.1:7420: InternalServerError: the lab is stopping";
  expect(links).toEqual([
    { state: "connecting", since: 1000, detail: "127.0.0.1:7420" },
    { state: "live", since: 1100 },
    { state: "lost", since: 5000, attempt: 1, retryAt: 6800, reason: stopping },
    { state: "lost", since: 5000, attempt: 1, retryAt: null, reason: stopping },
    { state: "lost", since: 5000, attempt: 2, retryAt: 8900, reason: "127.0.0.1:7420: ECONNREFUSED" },
    { state: "live", since: 8900 },
  ]);
});

test("the same state is told once, and one wait keeps its end however often it is looked at", () => {
  const { clock, tracker, links } = setUp();
  const lost = { isConnected: false, retries: 1, wait: { id: 1, backoffMs: 1000 } };
  tracker.update(lost);
  clock.ms = 1400;
  tracker.update(lost);
  expect(links).toHaveLength(2);
  expect(links[1]).toMatchObject({
    state: "lost",
    since: 1000,
    retryAt: 2000,
    reason: "no answer from 127.0.0.1:7420",
  });
});

test("who comes late gets the present link, who has left gets nothing", () => {
  const { tracker } = setUp();
  const late: Link[] = [];
  tracker.update(connected);
  const stop = tracker.watch((link) => late.push(link));
  stop();
  tracker.update({ isConnected: false, retries: 1, wait: null });
  expect(late).toEqual([{ state: "live", since: 1000 }]);
});
