import { expect, test } from "vitest";
import { wavOf } from "./sound";

test("a recording that browsers cannot make as MP4 becomes a WAV of 16 bits", () => {
  const view = new DataView(wavOf(new Float32Array([0, 1, -1, 2]), 16_000));
  const text = (at: number) => String.fromCharCode(...new Uint8Array(view.buffer, at, 4));
  expect([text(0), text(8), text(36)]).toEqual(["RIFF", "WAVE", "data"]);
  expect(view.getUint32(24, true)).toBe(16_000);
  expect([44, 46, 48, 50].map((at) => view.getInt16(at, true))).toEqual([0, 32767, -32767, 32767]);
});
