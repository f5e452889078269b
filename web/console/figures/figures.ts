/** What the figures are, as the service answers them. */
import type { Bilingual } from "@shared/language/language";
import type { Grouping } from "./search";

export const COUNTS = [
  "total",
  "handled",
  "finished",
  "on_time",
  "late",
  "open",
  "overdue",
  "false_alarms",
] as const;
export type Count = (typeof COUNTS)[number];

export interface Quantiles {
  p50: number | null;
  p90: number | null;
  p99: number | null;
}

export type Measures = Record<Count, number> & {
  share: number | null;
  on_time_share: number | null;
  response_seconds: Quantiles;
  arrival_seconds: Quantiles;
  cases: Record<Count, string>;
};

export type FigureRow = Measures & { key: string; name: Bilingual | null };

export interface FiguresAnswer {
  since: string;
  until: string;
  by: Grouping;
  totals: Measures;
  rows: FigureRow[];
  more: boolean;
  definitions: Record<string, Bilingual>;
}

/** A span in the unit that says most: minutes below two hours, days from two days on. */
export function spanOf(seconds: number): { unit: "minutes" | "hours" | "days"; count: number } {
  if (seconds < 2 * 3600) return { unit: "minutes", count: Math.round(seconds / 60) };
  if (seconds < 48 * 3600) return { unit: "hours", count: Math.round(seconds / 360) / 10 };
  return { unit: "days", count: Math.round(seconds / 8640) / 10 };
}
