/** How far a photograph is reduced: legible as evidence, small enough for a poor line. Pure. */

export const LONGEST_EDGE = 2048;
export const QUALITY = 0.82;
/** What is as small already is sent as the camera made it. */
export const SMALL_BYTES = 600 * 1024;
const AS_THEY_ARE = ["image/jpeg", "image/png", "image/webp"];

export interface Size {
  width: number;
  height: number;
}

export function reducedSize({ width, height }: Size): Size {
  const scale = Math.min(1, LONGEST_EDGE / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

export function isSmallEnough(mediaType: string, bytes: number, size: Size): boolean {
  return (
    AS_THEY_ARE.includes(mediaType) &&
    bytes <= SMALL_BYTES &&
    Math.max(size.width, size.height) <= LONGEST_EDGE
  );
}
