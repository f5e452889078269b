import { type Language, useLanguage } from "@shared/language";

const ZONE = "Asia/Shanghai";
const formats = new Map<string, Intl.DateTimeFormat>();

function format(spoken: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = spoken + JSON.stringify(options);
  let made = formats.get(key);
  if (made === undefined) {
    made = new Intl.DateTimeFormat(spoken === "en" ? "en-GB" : "zh-CN", { timeZone: ZONE, ...options });
    formats.set(key, made);
  }
  return made;
}

/** `11月30日 09:05`, in Shanghai's time wherever the device is; the year where it is asked for. */
export function instantText(instant: string | number, spoken: Language, year = false): string {
  return format(spoken, {
    ...(year && { year: "numeric" }),
    month: spoken === "en" ? "short" : "long",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(new Date(instant));
}

/** `2026年11月30日 周一`. */
export function dateText(instant: string | number, spoken: Language): string {
  const options = {
    year: "numeric",
    month: spoken === "en" ? "short" : "long",
    day: "numeric",
    weekday: "short",
  } as const;
  return format(spoken, options).format(new Date(instant));
}

/** The day in Shanghai, as `2026-11-30`: what date inputs and filters hold. */
export function dayText(instant: string | number): string {
  return format("en", { year: "numeric", month: "2-digit", day: "2-digit" })
    .formatToParts(new Date(instant))
    .reduce((parts, { type, value }) => parts.replace(type, value), "year-month-day");
}

/** When something is due: `12月8日（周二）24:00`, for midnight is the end of the day before. */
export function dueText(due: string | null | undefined, spoken: Language): string {
  if (due == null) return "";
  const at = Date.parse(due);
  const day = { month: spoken === "en" ? "short" : "long", day: "numeric", weekday: "short" } as const;
  const time = format(spoken, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
  if (time !== "00:00") return `${format(spoken, day).format(at)} ${time}`;
  return `${format(spoken, day).format(at - 1)} 24:00`;
}

/** An instant, as a person reads it. */
export function Time({ at, year = false }: { at: string | null | undefined; year?: boolean }) {
  const spoken = useLanguage();
  if (at == null) return <span className="tc-quiet">—</span>;
  return (
    <time dateTime={at} title={at}>
      {instantText(at, spoken, year)}
    </time>
  );
}
