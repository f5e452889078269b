import { words } from "@shared/language";

export const useBoardWords = words("board", {
  zh: { title: "值班看板" },
  en: { title: "Board" },
});
