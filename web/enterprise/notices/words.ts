import { words } from "@shared/language";

export const useNoticesWords = words("enterprise-notices", {
  zh: { title: "通知" },
  en: { title: "Notices" },
});
