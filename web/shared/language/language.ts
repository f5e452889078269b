import i18next from "i18next";
import { useSyncExternalStore } from "react";
import { initReactI18next } from "react-i18next";

export type Language = "zh-CN" | "en";

/** A text that the services give in both languages. */
export interface Bilingual {
  zh: string;
  en: string;
}

const KEY = "tricolor.language";

const kept = (): Language => {
  try {
    return localStorage.getItem(KEY) === "en" ? "en" : "zh-CN";
  } catch {
    return "zh-CN";
  }
};

// The words come with the screens that say them (`words`), so there is nothing to wait for.
void i18next.use(initReactI18next).init({
  lng: kept(),
  fallbackLng: "zh-CN",
  resources: {},
  initAsync: false,
  interpolation: { escapeValue: false }, // React escapes
  react: { useSuspense: false },
});
announce();

/** The language that is spoken now. */
export function language(): Language {
  return i18next.language === "en" ? "en" : "zh-CN";
}

export function setLanguage(next: Language): void {
  localStorage.setItem(KEY, next);
  void i18next.changeLanguage(next).then(announce);
}

/** The language that is spoken, and every change of it. */
export function useLanguage(): Language {
  return useSyncExternalStore((listener) => {
    i18next.on("languageChanged", listener);
    return () => i18next.off("languageChanged", listener);
  }, language);
}

/** A text of the services in the language spoken. */
export function chosen(text: Bilingual, spoken: Language): string {
  return spoken === "en" ? text.en : text.zh;
}

/** A function that says texts of the services in the language spoken: `const say = speak(useLanguage())`. */
export function speak(spoken: Language): (text: Bilingual | null | undefined) => string {
  return (text) => (text ? chosen(text, spoken) : "");
}

function announce(): void {
  if (typeof document !== "undefined") document.documentElement.lang = language();
}
