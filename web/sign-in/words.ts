import { words } from "@shared/language";

export const useSignInWords = words("sign-in", {
  zh: {
    brand: "三色预警响应",
    title: "登录",
    oidc: "使用单位账号登录",
    oidcHint: "将前往本单位的统一身份认证页面，登录后回到这里。",
    going: "正在前往统一身份认证……",
    embedded: "选择一个身份",
    embeddedHint: "这是样例区域的演示环境，仅在本机可用。选一个人，看看他的一天。",
    search: "按姓名、单位或编号查找",
    none: "没有符合的人",
    failed: "未能登录",
    noRole: "您的账号在本系统中没有角色，请联系管理员开通。",
    signedInAs: "您已以{{name}}的身份登录。",
    goOn: "继续",
  },
  en: {
    brand: "Tricolor",
    title: "Sign in",
    oidc: "Sign in with your account",
    oidcHint: "You go to your office's sign-in page and come back here.",
    going: "On the way to your office's sign-in page …",
    embedded: "Choose who to be",
    embeddedHint:
      "This is a demonstration with a sample district, on this machine only. Choose a person and see their day.",
    search: "Find by name, office or code",
    none: "Nobody is called that",
    failed: "You are not signed in",
    noRole: "Your account has no role in this system; ask the administrator for one.",
    signedInAs: "You are signed in as {{name}}.",
    goOn: "Go on",
  },
});
