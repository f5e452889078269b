import type { AlertRow } from "@shared/api/console";
import { serverNow, useNow } from "@shared/clock";
import { enterpriseName, measured, reasonText } from "@shared/found/found";
import { speak, useLanguage } from "@shared/language";
import { Empty, LevelTag } from "@shared/parts";
import { Link } from "@tanstack/react-router";
import type { AlertsSearch } from "../alerts/search";
import styles from "./board.module.css";
import type { BoardSearch } from "./search";
import { useBoardWords } from "./words";

interface Feed {
  alerts: readonly AlertRow[];
  changed: ReadonlySet<string>;
  filters: BoardSearch;
}

/** The alerts as they come in, the newest first, each with its reason. */
export function AlertFeed({ alerts, changed, filters }: Feed) {
  const t = useBoardWords();
  return (
    <section className={`tc-surface ${styles.panel}`} aria-labelledby="board-alerts">
      <header className={styles.panelHead}>
        <h2 id="board-alerts">{t("alerts")}</h2>
        <Link to="/alerts" search={asAlerts(filters)}>
          {t("all")}
        </Link>
      </header>
      {alerts.length === 0 ? (
        <Empty title={t("alertsNone")}>{t("alertsNoneHint")}</Empty>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        <div className={styles.feed} tabIndex={0} role="log" aria-label={t("alerts")}>
          {alerts.map((alert) => (
            <AlertLine key={alert.alert_id} alert={alert} isChanged={changed.has(alert.alert_id)} />
          ))}
        </div>
      )}
    </section>
  );
}

/** The filters of the board as the list of alerts has them. */
function asAlerts({ station, level }: BoardSearch): AlertsSearch {
  return {
    ...(station !== undefined && { station: [station] }),
    ...(level !== undefined && { level: [level] }),
  };
}

function AlertLine({ alert, isChanged }: { alert: AlertRow; isChanged: boolean }) {
  const spoken = useLanguage();
  const say = speak(spoken);
  const t = useBoardWords();
  const marks = [
    alert.held && t("held"),
    alert.counted_on !== null && t("counted"),
    alert.doubts.length > 0 && t("doubts"),
  ].filter((mark): mark is string => mark !== false);
  return (
    <article className={styles.alert} data-changed={isChanged}>
      <LevelTag level={alert.level} brief />
      <div className={styles.what}>
        <div className={styles.alertHead}>
          <Link to="/alerts/$alertId" params={{ alertId: alert.alert_id }} className={styles.name}>
            {enterpriseName(alert)}
          </Link>
          <Ago at={alert.received_at ?? alert.issued_at} />
        </div>
        <div className={styles.found}>
          {reasonText(say(alert.reason)) ||
            [say(alert.category), measured(alert, spoken)].filter(Boolean).join(" · ")}
        </div>
        {marks.length > 0 && (
          <div className={styles.marks}>
            {marks.map((mark) => (
              <span key={mark} className={styles.mark}>
                {mark}
              </span>
            ))}
          </div>
        )}
      </div>
    </article>
  );
}

/** How long ago something came in, roughly. */
function Ago({ at }: { at: string }) {
  useNow(10_000);
  const spoken = useLanguage();
  const t = useBoardWords();
  const minutes = Math.max(0, Math.floor((serverNow() - Date.parse(at)) / 60_000));
  const [amount, unit]: [number, "minute" | "hour" | "day"] =
    minutes < 60
      ? [minutes, "minute"]
      : minutes < 48 * 60
        ? [Math.floor(minutes / 60), "hour"]
        : [Math.floor(minutes / 1440), "day"];
  const time = new Intl.NumberFormat(spoken, { style: "unit", unit, unitDisplay: "short" }).format(amount);
  return (
    <time dateTime={at} className={styles.ago}>
      {t("ago", { time })}
    </time>
  );
}
