import { words } from "@shared/language";

export const useMatterWords = words("enterprise-matter", {
  zh: { title: "事项" },
  en: { title: "Matter" },
});
