/** Shanghai's time of an instant, whatever zone the device is set to; it has no summer time. Pure. */

const AHEAD_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

/** `2026-11-29T10:30:59`, of an instant in milliseconds; cut it where less is wanted. */
export function inShanghai(instant: number): string {
  return new Date(instant + AHEAD_MS).toISOString().slice(0, 19);
}

/** `2026-11-29T10:30` in Shanghai, of an instant in milliseconds: what inputs of moments hold. */
export function momentOf(instant: number): string {
  return inShanghai(instant).slice(0, 16);
}

/** The instant that an input of moments holds, as the services read it; undefined where it holds none. */
export function instantOf(moment: string): string | undefined {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(moment) ? `${moment}:00+08:00` : undefined;
}

/** The day that comes `days` after a day such as `2026-11-29`; before it, where they are negative. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Whether a text such as `2026-11-29` is a day that there is, of a year that days may be counted from. */
export function isDay(text: string): boolean {
  if (!/^(19|2\d)\d{2}-\d\d-\d\d$/.test(text)) return false;
  const midnight = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(text);
}
