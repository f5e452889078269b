/** The colours of the apps, light and dark. Those of text reach 4.5:1 on what they stand on; a test measures it. */
import type { Level } from "@shared/words";

export interface Palette {
  text: string;
  quiet: string;
  page: string;
  surface: string;
  raised: string;
  line: string;
  accent: string;
  onAccent: string;
  wrong: string;
  wrongSurface: string;
  warning: string;
  warningSurface: string;
  good: string;
  goodSurface: string;
  levels: Record<Level, { text: string; surface: string; edge: string }>;
}

export const light: Palette = {
  text: "#1c2430",
  quiet: "#566070",
  page: "#f3f5f8",
  surface: "#ffffff",
  raised: "#ffffff",
  line: "#d9dee6",
  accent: "#0b5cad",
  onAccent: "#ffffff",
  wrong: "#b3131b",
  wrongSurface: "#fdecec",
  warning: "#7a4b00",
  warningSurface: "#fff3d6",
  good: "#12693a",
  goodSurface: "#e6f5ec",
  levels: {
    white: { text: "#3a4350", surface: "#ffffff", edge: "#8a94a3" },
    yellow: { text: "#4d3800", surface: "#ffd84d", edge: "#c79a00" },
    red: { text: "#ffffff", surface: "#c01820", edge: "#c01820" },
  },
};

export const dark: Palette = {
  text: "#e6eaf0",
  quiet: "#a3adbb",
  page: "#11161d",
  surface: "#1a212b",
  raised: "#222b37",
  line: "#37424f",
  accent: "#6cb2f5",
  onAccent: "#0b1420",
  wrong: "#ff8d8d",
  wrongSurface: "#40191c",
  warning: "#ffcf66",
  warningSurface: "#3b2d0d",
  good: "#7ad3a0",
  goodSurface: "#14341f",
  levels: {
    white: { text: "#e6eaf0", surface: "#2c3644", edge: "#a3adbb" },
    yellow: { text: "#2e2200", surface: "#f2c230", edge: "#f2c230" },
    red: { text: "#ffffff", surface: "#c7262e", edge: "#f06a70" },
  },
};

/** The palette as custom properties: `--tc-text`, `--tc-level-red-surface`, … */
export function properties(palette: Palette): Record<string, string> {
  const named: Record<string, string> = {};
  for (const [name, value] of Object.entries(palette)) {
    if (typeof value === "string") named[`--tc-${kebab(name)}`] = value;
    else
      for (const [level, colours] of Object.entries(value as Palette["levels"]))
        for (const [part, colour] of Object.entries(colours)) named[`--tc-level-${level}-${part}`] = colour;
  }
  return named;
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
