import { useClock, useNow } from "@shared/clock";
import { useLanguage } from "@shared/language";
import { instantText } from "./Time";
import { usePartWords } from "./words";

/** The services' time, and whether it runs as the world's does. */
export function ClockFace() {
  const { pace, guessed } = useClock();
  const spoken = useLanguage();
  const t = usePartWords();
  const now = useNow(1000);
  const note = guessed
    ? t("guessed")
    : pace === 0
      ? t("standing")
      : pace === 1
        ? undefined
        : t("demoClock", { pace: Math.round(pace * 10) / 10 });
  return (
    <span className="tc-clock">
      <time dateTime={new Date(now).toISOString()}>{instantText(now, spoken)}</time>
      {note !== undefined && <span className="tc-clock-note">{note}</span>}
    </span>
  );
}
