import { words } from "@shared/language";

export const useRulesWords = words("rules", {
  zh: { title: "分级规则" },
  en: { title: "Rules" },
});
