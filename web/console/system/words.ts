import { words } from "@shared/language";

export const useSystemWords = words("system", {
  zh: { title: "系统状态" },
  en: { title: "System" },
});
