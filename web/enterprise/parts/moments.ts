/** Moments as native inputs hold them, in Shanghai whatever the device's zone. Pure. */
import { inShanghai } from "@shared/clock/shanghai";

/** `2026-11-29T10:30` in Shanghai, of an instant in milliseconds. */
export function inputOf(instant: number): string {
  return inShanghai(instant).slice(0, 16);
}

/** The instant that an input holds, as the services read it; undefined where it holds none. */
export function instantOf(input: string): string | undefined {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(input) ? `${input}:00+08:00` : undefined;
}
