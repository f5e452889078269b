import { words } from "@shared/language";

export const useWallWords = words("wall", {
  zh: { title: "大屏" },
  en: { title: "Wall" },
});
