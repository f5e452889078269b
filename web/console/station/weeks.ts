/** ISO weeks, of days as texts: `2026-11-30` is in `2026-W49`. */
import { dayAfter } from "@shared/clock/shanghai";

const DAY_MS = 86_400_000;
const midnight = (day: string): number => Date.parse(`${day}T00:00:00Z`);

/** The week that a day is in: it is of the year that its Thursday is of. */
export function weekOf(day: string): string {
  const weekday = (new Date(midnight(day)).getUTCDay() + 6) % 7;
  const thursday = dayAfter(day, 3 - weekday);
  const year = thursday.slice(0, 4);
  const number = 1 + Math.floor((midnight(thursday) - midnight(`${year}-01-01`)) / (7 * DAY_MS));
  return `${year}-W${String(number).padStart(2, "0")}`;
}

/** Monday to Sunday. */
export function daysOf(week: string): string[] {
  const [year = "", number = ""] = week.split("-W");
  // The fourth of January is in the first week.
  const fourth = `${year}-01-04`;
  const monday = dayAfter(fourth, -((new Date(midnight(fourth)).getUTCDay() + 6) % 7));
  return [0, 1, 2, 3, 4, 5, 6].map((day) => dayAfter(monday, (Number(number) - 1) * 7 + day));
}

export function weekAfter(week: string, weeks: number): string {
  return weekOf(dayAfter(daysOf(week)[0] ?? week, 7 * weeks));
}
