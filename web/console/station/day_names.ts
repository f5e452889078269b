import type { Language } from "@shared/language";

const of = (day: string, spoken: Language, options: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat(spoken === "en" ? "en-GB" : "zh-CN", { timeZone: "UTC", ...options }).format(
    new Date(`${day}T00:00:00Z`),
  );

/** `周一` and `11月30日`: what a day is called in a week. */
export function dayNames(day: string, spoken: Language): { weekday: string; date: string } {
  return {
    weekday: of(day, spoken, { weekday: "short" }),
    date: of(day, spoken, { month: spoken === "en" ? "short" : "long", day: "numeric" }),
  };
}
