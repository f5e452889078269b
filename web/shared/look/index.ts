import "./look.css";

export type { Palette } from "./palette";
export { palette, setTheme, type Theme, type ThemeChoice, theme, useTheme, wearTheme } from "./theme";
