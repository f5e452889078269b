/** The device's time as it is claimed, with its offset. Pure. */
import { inShanghai } from "@shared/clock/shanghai";

const MINUTE = 60_000;

/** ISO 8601 at +08:00, as the bureau reads it, whatever zone the device is set to. */
export function claimedTime(instant: number): string {
  return `${inShanghai(instant)}+08:00`;
}

/** The day in Shanghai, YYYY-MM-DD. */
export function shanghaiDay(instant: number): string {
  return claimedTime(instant).slice(0, 10);
}

/** From how many minutes on the officer is told that the device's clock is wrong. */
export const TOLERATED_MINUTES = 5;

/** By how many whole minutes the device is ahead of the server (behind: negative); 0 where it is right enough. */
export function minutesOff(deviceNow: number, serverNow: number): number {
  const minutes = Math.round((deviceNow - serverNow) / MINUTE);
  return Math.abs(minutes) >= TOLERATED_MINUTES ? minutes : 0;
}
