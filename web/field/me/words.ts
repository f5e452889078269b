import { words } from "@shared/language";

export const useMeWords = words("field-me", {
  zh: {
    title: "我的",
    code: "工号 {{code}}",
    station: "执法所 {{code}}",
    language: "语言",
    look: "外观",
    clock: "服务器时间",
    storage: "本机保存",
    storageUsed: "已用 {{used}}",
    install: "添加到桌面后，没有网络也能打开：在浏览器菜单中选“添加到主屏幕”。",
    signOut: "退出登录",
    signOutWarning: "还有 {{count}} 项没有发送。退出后仍保存在本机，您再次登录后继续发送。",
  },
  en: {
    title: "Me",
    code: "Code {{code}}",
    station: "Station {{code}}",
    language: "Language",
    look: "Appearance",
    clock: "The server's time",
    storage: "Kept on this phone",
    storageUsed: "{{used}} used",
    install: "Add it to the home screen (in the browser's menu), and it opens without a network.",
    signOut: "Sign out",
    signOutWarning: "{{count}} are not sent yet. They stay on this phone, and go on once you sign in again.",
    signOutWarning_one:
      "{{count}} is not sent yet. It stays on this phone, and goes on once you sign in again.",
  },
});
