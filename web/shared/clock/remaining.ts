/** How long until a deadline, or since it passed. */
export interface Remaining {
  overdue: boolean;
  days: number;
  hours: number;
  minutes: number;
  seconds: number;
  /** Less than a sixth of a day is left, or it has passed. */
  pressing: boolean;
}

const PRESSING_SECONDS = 4 * 3600;

/** What lies between `now` and `due`, both in milliseconds since 1970. */
export function remaining(due: number, now: number): Remaining {
  const overdue = due <= now;
  const total = Math.floor(Math.abs(due - now) / 1000);
  return {
    overdue,
    days: Math.floor(total / 86_400),
    hours: Math.floor((total % 86_400) / 3600),
    minutes: Math.floor((total % 3600) / 60),
    seconds: total % 60,
    pressing: overdue || total < PRESSING_SECONDS,
  };
}
