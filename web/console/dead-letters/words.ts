import { words } from "@shared/language";

export const useDeadLettersWords = words("dead-letters", {
  zh: { title: "死信" },
  en: { title: "Dead letters" },
});
