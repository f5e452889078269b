import { remaining, useNow } from "@shared/clock";
import { useLanguage } from "@shared/language";
import { dueText } from "./Time";
import { usePartWords } from "./words";

interface Due {
  /** The instant, as the services write it; none where nothing is asked by a time. */
  due: string | null | undefined;
  /** The date may still move. */
  provisional?: boolean;
  /** The clock stands: the case is closed. */
  stopped?: boolean;
}

/** How long is left until a deadline, or how long it has passed, by the services' clock. */
export function Countdown({ due, provisional = false, stopped = false }: Due) {
  const spoken = useLanguage();
  const t = usePartWords();
  const now = useNow(1000);
  if (due == null) return <span className="tc-quiet">{t("noDeadline")}</span>;
  const left = remaining(Date.parse(due), now);
  const { days, hours, minutes, seconds } = left;
  const time =
    days > 0
      ? t("daysHours", { days, hours })
      : hours > 0
        ? t("hoursMinutes", { hours, minutes })
        : t("minutesSeconds", { minutes, seconds });
  const tone = left.overdue ? "over" : left.pressing ? "pressing" : "calm";
  const at = dueText(due, spoken);
  return (
    <time
      dateTime={due}
      title={at}
      className={stopped ? "tc-countdown" : `tc-countdown tc-countdown-${tone}`}
    >
      {stopped ? at : t(left.overdue ? "over" : "left", { time })}
      {provisional && (
        <span className="tc-provisional" title={t("provisionalHint")}>
          {t("provisional")}
        </span>
      )}
    </time>
  );
}
