import { words } from "@shared/language";

export const useWorkWords = words("work", {
  zh: { title: "我的待办" },
  en: { title: "My work" },
});
