import { useSyncExternalStore } from "react";
import { dark, light, type Palette, properties } from "./palette";

export type Theme = "light" | "dark";
/** What a person asked for: `system` follows the device. */
export type ThemeChoice = Theme | "system";

const KEY = "tricolor.theme";
const listeners = new Set<() => void>();
const device = window.matchMedia("(prefers-color-scheme: dark)");
let choice: ThemeChoice = kept();

/** Put the theme in force on the page, now and whenever the device or the person changes it; paper is light. */
export function wearTheme(): void {
  device.addEventListener("change", changed);
  window.addEventListener("beforeprint", () => put("light"));
  window.addEventListener("afterprint", () => put(theme()));
  put(theme());
}

export function setTheme(next: ThemeChoice): void {
  choice = next;
  localStorage.setItem(KEY, next);
  changed();
}

export function theme(): Theme {
  if (choice !== "system") return choice;
  return device.matches ? "dark" : "light";
}

/** The colours in force, for what draws by itself: charts, maps. */
export function palette(): Palette {
  return theme() === "dark" ? dark : light;
}

export function useTheme(): { theme: Theme; choice: ThemeChoice } {
  const worn = useSyncExternalStore(subscribe, theme);
  const asked = useSyncExternalStore(subscribe, () => choice);
  return { theme: worn, choice: asked };
}

function put(next: Theme): void {
  const root = document.documentElement;
  const colours = next === "dark" ? dark : light;
  root.dataset.theme = next;
  for (const [name, value] of Object.entries(properties(colours))) root.style.setProperty(name, value);
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", colours.surface);
}

function changed(): void {
  put(theme());
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function kept(): ThemeChoice {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}
