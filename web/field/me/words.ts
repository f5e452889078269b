import { words } from "@shared/language";

export const useMeWords = words("field-me", {
  zh: { title: "我的" },
  en: { title: "Me" },
});
