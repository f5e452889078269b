import { words } from "@shared/language";

export const useMattersWords = words("enterprise-matters", {
  zh: { title: "待办事项" },
  en: { title: "To do" },
});
