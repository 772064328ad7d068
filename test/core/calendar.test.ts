import { describe, expect, it } from "vitest";
import { createCalendar } from "../../src/core/calendar.js";
import { offsetOf } from "./time-zone.js";

const hourMs = 3_600_000;

describe("days of a time zone", () => {
  it.each([
    ["Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", 23],
    ["Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", 25],
    ["Europe/Berlin", "2026-11-22T23:30:00Z", "2026-11-22T23:00:00Z", 24],
    ["America/New_York", "2026-11-01T16:00:00Z", "2026-11-01T04:00:00Z", 25],
    ["America/New_York", "2026-03-08T03:00:00Z", "2026-03-07T05:00:00Z", 24],
    ["America/New_York", "2026-03-08T05:00:00Z", "2026-03-08T05:00:00Z", 23],
    ["Asia/Kolkata", "2026-11-22T18:29:59Z", "2026-11-21T18:30:00Z", 24],
    ["Pacific/Auckland", "2026-09-27T00:00:00Z", "2026-09-26T12:00:00Z", 23],
    ["UTC", "2026-11-22T23:59:59Z", "2026-11-22T00:00:00Z", 24],
  ])("%s: %s is in the day from %s, %i hours long", (zone, at, start, hours) => {
    const calendar = createCalendar(offsetOf(zone));
    const from = calendar.startOfDay(Date.parse(at));
    expect(new Date(from).toISOString()).toBe(`${start.slice(0, -1)}.000Z`);
    expect((calendar.startOfDay(Date.parse(at), 1) - from) / hourMs).toBe(hours);
    expect(calendar.startOfDay(from)).toBe(from);
    expect(calendar.startOfDay(from - 1, 1)).toBe(from);
  });

  it("begin and end months, also across the year", () => {
    const { startOfMonth, monthOf } = createCalendar(offsetOf("Europe/Berlin"));
    const newYear = Date.parse("2026-12-31T23:00:00Z");
    expect(startOfMonth(newYear)).toBe(newYear);
    expect(startOfMonth(newYear - 1, 1)).toBe(newYear);
    expect(monthOf(newYear)).toBe("2027-01");
    expect(monthOf(newYear - 1)).toBe("2026-12");
    const march = startOfMonth(Date.parse("2026-03-15T12:00:00Z"));
    expect((startOfMonth(march, 1) - march) / hourMs).toBe(31 * 24 - 1);
    expect(startOfMonth(march, -1)).toBe(Date.parse("2026-01-31T23:00:00Z"));
  });
});
