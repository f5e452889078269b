import { useSyncExternalStore } from "react";

/** When the services last answered and whether they do now: what the bar above every app shows. */
interface Reach {
  away: boolean;
  /** Instant of the device, for "last heard a minute ago". */
  lastAnswer: number;
}

let reach: Reach = { away: false, lastAnswer: Date.now() };
const listeners = new Set<() => void>();

export function answered(): void {
  const changed = reach.away;
  reach = { away: false, lastAnswer: Date.now() };
  if (changed) for (const listener of listeners) listener();
}

export function notAnswered(): void {
  if (reach.away) return;
  reach = { ...reach, away: true };
  for (const listener of listeners) listener();
}

/** Whether the services answer; changes as soon as one request finds out. */
export function useReach(): Reach {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => reach,
  );
}
