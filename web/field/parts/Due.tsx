import { remaining, useNow } from "@shared/clock";
import { useLanguage } from "@shared/language";
import { dueText } from "./dates";
import { usePartWords } from "./words";

/** How long is left, by the server's clock, and until when. A reader is told the instant, not every second. */
export function Due({ at, text = null }: { at: string | null; text?: string | null }) {
  const now = useNow();
  const spoken = useLanguage();
  const t = usePartWords();
  if (!at) return <span className="field-due field-due-none">{t("noDue")}</span>;
  const left = remaining(Date.parse(at), now);
  const [long, short] =
    left.days > 0
      ? [t("days", { count: left.days }), t("hours", { count: left.hours })]
      : left.hours > 0
        ? [t("hours", { count: left.hours }), t("minutes", { count: left.minutes })]
        : [t("minutes", { count: left.minutes }), t("seconds", { count: left.seconds })];
  const look = left.overdue ? "field-due-over" : left.pressing ? "field-due-pressing" : "";
  return (
    <span className={`field-due ${look}`}>
      <small>{left.overdue ? t("over") : t("left")}</small>
      <strong>
        {long} {short}
      </strong>
      {text && <small>{t("until", { text: dueText(text, spoken) })}</small>}
    </span>
  );
}
