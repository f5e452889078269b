import { words } from "@shared/language";

export const useCaseWords = words("case", {
  zh: { title: "案件详情" },
  en: { title: "Case" },
});
