import { dayAfter } from "@shared/clock/shanghai";
import { day, many, one, type RawSearch } from "@shared/search";
import { LEVELS, type Level } from "@shared/words";

export const PERIODS = ["day", "week", "month", "quarter", "year"] as const;
export const GROUPINGS = ["station", "officer", "level", "category", "enterprise", "day", "hour"] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** The period and the grouping, as they stand in the address. Days are Shanghai's; `until` is counted too. */
export interface FiguresSearch {
  period?: (typeof PERIODS)[number];
  from?: string;
  until?: string;
  by?: Grouping;
  station?: string;
  level?: Level[];
}

export function search(raw: RawSearch): FiguresSearch {
  const found = {
    period: PERIODS.find((known) => known === one(raw.period)),
    from: day(raw.from),
    until: day(raw.until, true),
    by: GROUPINGS.find((known) => known === one(raw.by)),
    station: one(raw.station),
    level: many(raw.level, LEVELS),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** The parameters of the service: its `until` is the first day that is not counted. */
export function parametersOf(search: FiguresSearch): Record<string, unknown> {
  return { ...search, until: search.until === undefined ? undefined : dayAfter(search.until, 1) };
}

/** Whether the period ends before it begins: the form says so, and nothing is asked. */
export function isTurned({ from, until }: FiguresSearch): boolean {
  return from !== undefined && until !== undefined && until < from;
}

/** The list of cases that a figure counts, from the question that the service gives with it. */
export function casesOf(question: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [name, value] of new URLSearchParams(question)) {
    // The list counts its last day whole.
    const last = name === "opened_until" ? dayAfter(value.slice(0, 10), -1) : value;
    found[name] = [...(found[name] ?? []), name === "opened_since" ? value.slice(0, 10) : last];
  }
  return found;
}
