import { words } from "@shared/language";

export const useQueueWords = words("field-queue", {
  zh: { title: "待传" },
  en: { title: "To send" },
});
