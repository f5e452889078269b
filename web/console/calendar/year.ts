/** A year day by day, as the calendar in force counts it. Pure. */

export interface YearAnswer {
  year: number;
  version: string;
  published: boolean;
  notice: { title: string; number: string } | null;
  days_off: Record<string, string[]>;
  make_up_days: Record<string, string[]>;
  local_days_off: Record<string, { name: string }>;
  by_next_notice: { days_off: Record<string, string[]>; make_up_days: Record<string, string[]> };
  end_published: boolean;
}

export type DayKind = "working" | "off" | "makeUp" | "local";

export interface Day {
  date: string;
  day: number;
  kind: DayKind;
  name: string;
}

export interface Month {
  month: number;
  /** How many cells are empty before the first, in weeks that begin on Monday. */
  before: number;
  days: Day[];
}

function named(days: Record<string, string[]>): Map<string, string> {
  return new Map(Object.entries(days).flatMap(([name, dates]) => dates.map((date) => [date, name] as const)));
}

export function monthsOf(year: YearAnswer): Month[] {
  const off = new Map([...named(year.days_off), ...named(year.by_next_notice.days_off)]);
  const makeUp = new Map([...named(year.make_up_days), ...named(year.by_next_notice.make_up_days)]);
  return Array.from({ length: 12 }, (_, index) => {
    const first = new Date(Date.UTC(year.year, index, 1));
    const length = new Date(Date.UTC(year.year, index + 1, 0)).getUTCDate();
    const days = Array.from({ length }, (_, before): Day => {
      const at = new Date(Date.UTC(year.year, index, before + 1));
      const date = at.toISOString().slice(0, 10);
      const local = year.local_days_off[date];
      const weekend = at.getUTCDay() === 0 || at.getUTCDay() === 6;
      if (local !== undefined) return { date, day: before + 1, kind: "local", name: local.name };
      if (makeUp.has(date)) return { date, day: before + 1, kind: "makeUp", name: makeUp.get(date) ?? "" };
      if (off.has(date)) return { date, day: before + 1, kind: "off", name: off.get(date) ?? "" };
      return { date, day: before + 1, kind: weekend ? "off" : "working", name: "" };
    });
    return { month: index + 1, before: (first.getUTCDay() + 6) % 7, days };
  });
}

/** The dates of a text, one a line or between commas. */
export function datesIn(text: string): string[] {
  return text.split(/[\s,，、;；]+/).filter((one) => /^\d{4}-\d{2}-\d{2}$/.test(one));
}
