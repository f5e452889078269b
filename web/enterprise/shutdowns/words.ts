import { words } from "@shared/language";

export const useShutdownsWords = words("enterprise-shutdowns", {
  zh: { title: "停产检修报备" },
  en: { title: "Planned shutdowns" },
});
