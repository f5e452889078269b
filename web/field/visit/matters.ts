/** What was exceeded and by how much, in figures. Pure. */

import type { Matter } from "../device/known";

/** By how much of its limit the value lies above it, in whole per cent; null where there is no exceedance. */
export function excess({ observed, limit }: Pick<Matter, "observed" | "limit">): number | null {
  if (observed === null || limit === null || limit <= 0 || observed <= limit) return null;
  return Math.round((observed / limit - 1) * 100);
}
