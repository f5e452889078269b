import { words } from "@shared/language";

export const useFiguresWords = words("figures", {
  zh: { title: "统计" },
  en: { title: "Figures" },
});
