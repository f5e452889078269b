import { words } from "@shared/language";

export const useShellWords = words("enterprise", {
  zh: {
    brand: "三色预警响应 · 企业端",
    places: "主导航",
    skip: "跳到正文",
    matters: "待办事项",
    notices: "通知",
    shutdowns: "停产检修报备",
    signOut: "退出",
  },
  en: {
    brand: "Tricolor · Enterprise",
    places: "Main navigation",
    skip: "To the content",
    matters: "To do",
    notices: "Notices",
    shutdowns: "Planned shutdowns",
    signOut: "Sign out",
  },
});
