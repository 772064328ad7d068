const dayMs = 24 * 3_600_000;

/** Days and months as people here count them: a day is 23 to 25 hours long where clocks change. All moments are ms UTC. */
export interface Calendar {
  /** Midnight before the moment; `days` further on or back. */
  startOfDay(at: number, days?: number): number;
  /** The first midnight of the moment's month; `months` further on or back. */
  startOfMonth(at: number, months?: number): number;
  /** `2026-11` */
  monthOf(at: number): string;
}

/** The calendar of a time zone, told by how far its clocks are ahead of UTC at a moment. */
export function createCalendar(offsetMs: (at: number) => number): Calendar {
  /** The moment at which the clocks here show a date and 00:00, asked twice since the offset may change in between. */
  const momentOf = (wall: number) => wall - offsetMs(wall - offsetMs(wall - offsetMs(wall)));
  const wallOf = (at: number) => new Date(at + offsetMs(at));
  return {
    startOfDay(at, days = 0) {
      const wall = wallOf(at).getTime();
      return momentOf(Math.floor(wall / dayMs) * dayMs + days * dayMs);
    },
    startOfMonth(at, months = 0) {
      const wall = wallOf(at);
      return momentOf(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth() + months, 1));
    },
    monthOf: (at) => wallOf(at).toISOString().slice(0, 7),
  };
}

/** Of the time zone that this process runs in. */
export const localCalendar: Calendar = createCalendar((at) => -60_000 * new Date(at).getTimezoneOffset());
