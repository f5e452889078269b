/** A deadline laid out on whole weeks, Monday first, as its explanation counts the days. */

import { inShanghai } from "@shared/clock/shanghai";
import type { Bilingual } from "@shared/language/language";

export interface ExplainedDay {
  date: string;
  counted: boolean;
  number?: number | null;
  reason: Bilingual;
}

export interface Square {
  date: string;
  day: number;
  month: number;
  kind: "counted" | "skipped" | "outside";
  number: number | null;
  reason: Bilingual | null;
  isDue: boolean;
  isToday: boolean;
}

const DAY = 86_400_000;

/** The calendar date of an instant in Shanghai, as 2026-11-29. */
export function shanghaiDate(instant: number): string {
  return inShanghai(instant).slice(0, 10);
}

/** The last day of a deadline: midnight is 24:00 of the day before. */
export function lastDay(dueAt: string): string {
  return shanghaiDate(Date.parse(dueAt) - 1);
}

/** Weeks from the day of issue to the last day, each of seven squares. */
export function weeks(days: readonly ExplainedDay[], dueAt: string, now: number): Square[][] {
  const first = days[0];
  if (first === undefined) return [];
  const explained = new Map(days.map((day) => [day.date, day]));
  const due = lastDay(dueAt);
  const end = [due, days[days.length - 1]?.date ?? due].sort()[1] as string;
  const start = Date.parse(first.date);
  const monday = start - ((new Date(start).getUTCDay() + 6) % 7) * DAY;
  const rows: Square[][] = [];
  const today = shanghaiDate(now);
  for (let week = monday; week <= Date.parse(end); week += 7 * DAY) {
    rows.push(
      Array.from({ length: 7 }, (_, index) => {
        const date = new Date(week + index * DAY).toISOString().slice(0, 10);
        const known = explained.get(date);
        return {
          date,
          day: Number(date.slice(8)),
          month: Number(date.slice(5, 7)),
          kind: known === undefined ? "outside" : known.counted ? "counted" : "skipped",
          number: known?.number ?? null,
          reason: known?.reason ?? null,
          isDue: date === due,
          isToday: date === today,
        };
      }),
    );
  }
  return rows;
}
