/** Days and moments as people write and read them, whatever language the browser speaks. Pure. */
import { isDay } from "../clock/shanghai";
import type { Language } from "../language/language";

/** `2026-11-29` of what somebody wrote: 2026-11-29, 20261129, 2026/11/29, 2026年11月29日; null for what is no day. */
export function dayWritten(text: string): string | null {
  const found = /^\s*(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})\s*日?\s*$/.exec(text);
  if (found === null) return null;
  const [, year, month, day] = found.map((part) => part.padStart(2, "0")) as [string, string, string, string];
  const whole = `${year}-${month}-${day}`;
  return isDay(whole) ? whole : null;
}

/** 2026年11月29日, or as it stands in English. */
export function dayShown(day: string, spoken: Language): string {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (found === null || spoken === "en") return day;
  return `${found[1]}年${Number(found[2])}月${Number(found[3])}日`;
}

/** `2026-11-29T09:05` of a day as above and an hour and minute: 9:05, 09：05, 9时5分; null for what is no moment. */
export function momentWritten(text: string): string | null {
  const found = /^(.*?[\d日])[\sT]+(\d{1,2})\s*[:：时点]\s*(\d{1,2})\s*分?\s*$/.exec(text);
  if (found === null) return null;
  const [, day, hour, minute] = found as unknown as [string, string, string, string];
  const whole = dayWritten(day);
  if (whole === null || Number(hour) > 23 || Number(minute) > 59) return null;
  return `${whole}T${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
}

/** 2026年11月29日 09:05. */
export function momentShown(moment: string, spoken: Language): string {
  const [day = "", time] = moment.split("T");
  return time === undefined ? "" : `${dayShown(day, spoken)} ${time}`;
}
