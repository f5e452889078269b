import { serverNow } from "@shared/clock/clock";
import { useSyncExternalStore } from "react";

/** When the services last answered and whether they do now: what the bar above every app shows. */
interface Reach {
  away: boolean;
  /** By the services' clock. */
  lastAnswer: number;
}

let reach: Reach = { away: false, lastAnswer: serverNow() };
const listeners = new Set<() => void>();

export function answered(): void {
  const changed = reach.away;
  reach = { away: false, lastAnswer: serverNow() };
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
