import { words } from "@shared/language";

export const useMapWords = words("map", {
  zh: { title: "地图" },
  en: { title: "Map" },
});
