/** Shanghai's time of an instant, whatever zone the device is set to; it has no summer time. Pure. */

const AHEAD_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

/** `2026-11-29T10:30:59`, of an instant in milliseconds; cut it where less is wanted. */
export function inShanghai(instant: number): string {
  return new Date(instant + AHEAD_MS).toISOString().slice(0, 19);
}

/** The day that comes `days` after a day such as `2026-11-29`; before it, where they are negative. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}
