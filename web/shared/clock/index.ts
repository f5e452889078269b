export { keepTime, serverNow, useClock, useNow } from "./clock";
export { type Remaining, remaining } from "./remaining";
