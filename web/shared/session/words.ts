import { words } from "@shared/language";

export const useSessionWords = words("session", {
  zh: {
    wrongRole: "您以{{role}}身份登录，这里不是您的页面",
    wrongRoleHint: "每个角色有自己的页面；也可以换一个身份登录。",
    toOwn: "前往我的页面",
    asAnother: "换一个身份登录",
    ended: "登录已到期。屏幕上的内容还在，重新登录后回到这里。",
    endsSoon: "登录将在 {{count}} 分钟后到期。",
    signInAgain: "重新登录",
    later: "稍后",
  },
  en: {
    wrongRole: "You are signed in as {{role}}; this page is not yours",
    wrongRoleHint: "Every role has a page of its own; or sign in as somebody else.",
    toOwn: "Go to my page",
    asAnother: "Sign in as another",
    ended: "Your sign-in has ended. What is on the screen stays; sign in again and come back here.",
    endsSoon: "Your sign-in ends in {{count}} min.",
    signInAgain: "Sign in again",
    later: "Later",
  },
});
