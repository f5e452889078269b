import { words } from "@shared/language";

export const useNoticeWords = words("field-notices", {
  zh: {
    no_network: "没有网络。可以照常办理，联网后自动发送。",
    token_ended: "您做的都在本机，重新登录后继续发送。",
    service_away: "服务暂时没有响应，稍后自动重试。可以照常办理。",
    not_allowed: "当前登录身份不能发送执法记录，请换执法人员身份登录。",
    decide: "{{count}} 项没有发送成功，需要您处理",
    ahead: "本机时间比服务器快 {{by}}。倒计时按服务器时间；请在手机设置中校准时间。",
    behind: "本机时间比服务器慢 {{by}}。倒计时按服务器时间；请在手机设置中校准时间。",
    minutes: "{{count}} 分钟",
    hoursMinutes: "{{hours}} 小时 {{minutes}} 分",
  },
  en: {
    no_network: "No network. Go on as usual; it is sent once there is one.",
    token_ended: "All you did is on this phone; once you sign in, it is sent.",
    service_away: "The service does not answer just now; it is tried again. Go on as usual.",
    not_allowed: "Whoever is signed in may not send an officer's records. Sign in as an officer.",
    decide: "{{count}} not sent: decide on them",
    decide_one: "{{count}} not sent: decide on it",
    ahead:
      "This phone's clock is {{by}} ahead of the server. Countdowns follow the server; set the phone's clock.",
    behind:
      "This phone's clock is {{by}} behind the server. Countdowns follow the server; set the phone's clock.",
    minutes: "{{count}} min",
    hoursMinutes: "{{hours}} h {{minutes}} min",
  },
});
