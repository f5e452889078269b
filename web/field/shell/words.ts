import { words } from "@shared/language";

export const useShellWords = words("field", {
  zh: {
    places: "主导航",
    today: "任务",
    queue: "发送",
    me: "我的",
    newVersion: "有新版本。",
    update: "立即更新",
  },
  en: {
    places: "Main navigation",
    today: "Tasks",
    queue: "To send",
    me: "Me",
    newVersion: "There is a new version.",
    update: "Update now",
  },
});
