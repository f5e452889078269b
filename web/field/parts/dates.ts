/** Instants and days as people read them, in Shanghai's time. Pure. */

import type { Language } from "@shared/language";

/** `2026-03-09 24:00 (+08:00)` as 3月9日周一 24:00: midnight belongs to the day that ends. */
export function dueText(text: string, spoken: Language): string {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2})/.exec(text) ?? [];
  if (!day) return text;
  const date = new Intl.DateTimeFormat(spoken, {
    timeZone: "UTC",
    month: "short",
    day: "numeric",
    weekday: "short",
  });
  return `${date.format(new Date(`${day}T00:00:00Z`))} ${time}`;
}

export function dayText(day: string, spoken: Language): string {
  const date = new Intl.DateTimeFormat(spoken, {
    timeZone: "UTC",
    year: "numeric",
    month: "short",
    day: "numeric",
  });
  return date.format(new Date(`${day}T00:00:00Z`));
}
