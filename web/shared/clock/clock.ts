import { useEffect, useState, useSyncExternalStore } from "react";

/** The services' clock as last heard: `now` at the device's monotonic `heardAt`, running `pace` times as fast. */
interface Reading {
  now: number;
  heardAt: number;
  pace: number;
  /** Never heard since the app was opened: the device's clock, put right by what was heard before. */
  guessed: boolean;
}

const KEY = "tricolor.clock-offset";
const READ_EVERY_MS = 15_000;
const listeners = new Set<() => void>();
let reading: Reading = { now: Date.now() + keptOffset(), heardAt: performance.now(), pace: 1, guessed: true };

/** The instant on the services' clock, in milliseconds since 1970, however wrong the device's clock is. */
export function serverNow(): number {
  return reading.now + (performance.now() - reading.heardAt) * reading.pace;
}

/** Take what the services say of their time; `askedAt` is `performance.now()` before they were asked. */
export function heard(now: string, pace: number, askedAt = performance.now()): void {
  const heardAt = performance.now();
  // Half of the way there and back lies between their reading of the clock and ours.
  reading = { now: Date.parse(now) + ((heardAt - askedAt) / 2) * pace, heardAt, pace, guessed: false };
  try {
    // For the next start without a network. A hurried clock says nothing of how wrong the device is.
    if (pace === 1) localStorage.setItem(KEY, String(Math.round(reading.now - Date.now())));
  } catch {
    // No storage: the next start trusts the device.
  }
  for (const listener of listeners) listener();
}

/** How fast the services' clock runs, and whether it was heard. */
export function useClock(): { pace: number; guessed: boolean } {
  const { pace, guessed } = useSyncExternalStore(subscribe, () => reading);
  return { pace, guessed };
}

/** The services' now, again every so often, and at once when their clock turns out to be another. */
export function useNow(everyMs = 1000): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const tick = () => setNow(serverNow());
    const timer = setInterval(tick, everyMs);
    const ending = subscribe(tick);
    return () => {
      clearInterval(timer);
      ending();
    };
  }, [everyMs]);
  return now;
}

/** Ask the services for their time now, every 15 seconds, and whenever the page is looked at again. */
export function keepTime(): () => void {
  const ask = async () => {
    if (document.hidden) return;
    const askedAt = performance.now();
    try {
      const response = await fetch("/console/v1/clock", { cache: "no-store" });
      if (!response.ok) return;
      const { now, pace } = (await response.json()) as { now: string; pace: number };
      heard(now, pace, askedAt);
    } catch {
      // Away: the clock runs on as it was last heard.
    }
  };
  void ask();
  const timer = setInterval(ask, READ_EVERY_MS);
  document.addEventListener("visibilitychange", ask);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", ask);
  };
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function keptOffset(): number {
  try {
    return Number(localStorage.getItem(KEY)) || 0;
  } catch {
    return 0;
  }
}
