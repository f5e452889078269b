import { setLanguage, useLanguage } from "@shared/language";
import { setTheme, type ThemeChoice, useTheme } from "@shared/look";
import { usePartWords } from "./words";

/** Says everything in the other language; labelled in that one. */
export function LanguageSwitch() {
  const spoken = useLanguage();
  const t = usePartWords();
  const other = spoken === "en" ? "zh-CN" : "en";
  return (
    <button
      type="button"
      className="tc-switch"
      lang={other}
      aria-label={t("language")}
      title={t("language")}
      onClick={() => setLanguage(other)}
    >
      {other === "en" ? "EN" : "中"}
    </button>
  );
}

const CHOICES: readonly ThemeChoice[] = ["system", "light", "dark"];
const SIGNS: Record<ThemeChoice, string> = { system: "◐", light: "☀", dark: "☾" };

/** Goes round the appearances: as the device, light, dark. */
export function ThemeSwitch() {
  const { choice } = useTheme();
  const t = usePartWords();
  const label = `${t("theme")}：${t(choice as "system" | "light" | "dark")}`;
  const next = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length] ?? "system";
  return (
    <button
      type="button"
      className="tc-switch"
      aria-label={label}
      title={label}
      onClick={() => setTheme(next)}
    >
      <span aria-hidden="true">{SIGNS[choice]}</span>
    </button>
  );
}
