import { words } from "@shared/language";

export const useCasesWords = words("cases", {
  zh: { title: "案件" },
  en: { title: "Cases" },
});
