import { expect, test } from "vitest";
import { dark, light, type Palette } from "./palette";

test.each([
  ["light", light],
  ["dark", dark],
] as const)("%s: text can be read on what it stands on", (_, palette) => {
  for (const [text, surface] of pairs(palette))
    expect(contrast(text, surface), `${text} on ${surface}`).toBeGreaterThan(4.5);
});

function pairs(palette: Palette): [string, string][] {
  const { levels } = palette;
  const surfaces = [palette.page, palette.surface, palette.raised];
  const texts = [palette.text, palette.quiet, palette.accent, palette.wrong, palette.warning, palette.good];
  return [
    ...texts.flatMap((text) => surfaces.map((surface): [string, string] => [text, surface])),
    [palette.onAccent, palette.accent],
    [palette.wrong, palette.wrongSurface],
    [palette.text, palette.wrongSurface],
    [palette.warning, palette.warningSurface],
    [palette.text, palette.warningSurface],
    [palette.good, palette.goodSurface],
    ...Object.values(levels).map(({ text, surface }): [string, string] => [text, surface]),
  ];
}

/** As WCAG 2 reckons it. */
function contrast(one: string, other: string): number {
  const [lower, higher] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (higher + 0.05) / (lower + 0.05);
}

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
