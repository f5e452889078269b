import type { BoardAnswer } from "@shared/api/console";
import { speak, useLanguage } from "@shared/language";
import { Empty } from "@shared/parts";
import { Link } from "@tanstack/react-router";
import styles from "./board.module.css";
import { Panel } from "./Panel";
import { useBoardWords } from "./words";

/** Who has how much: the stations with what is open and overdue there, and the rungs that cases have climbed to. */
export function Shares({ board }: { board: BoardAnswer }) {
  const { by_station, by_rung } = board.counts;
  const t = useBoardWords();
  const say = speak(useLanguage());
  const most = Math.max(1, ...by_station.map((one) => one.open));
  const climbed = by_rung.filter((one) => one.count > 0);
  return (
    <>
      <Panel title={t("byStation")}>
        <ul className={styles.stations}>
          {by_station.map((one) => (
            <li key={one.station ?? ""}>
              <Link
                to="/cases"
                search={one.station === null ? { open: "yes" } : { open: "yes", station: [one.station] }}
                className={styles.station}
              >
                <span className={styles.stationName}>{one.name ?? one.station ?? t("stationless")}</span>
                <span className={styles.track} aria-hidden="true">
                  {(["red", "yellow"] as const).map((level) => (
                    <i key={level} data-level={level} style={{ width: `${(100 * one[level]) / most}%` }} />
                  ))}
                  <i
                    data-level="white"
                    style={{ width: `${(100 * (one.open - one.red - one.yellow)) / most}%` }}
                  />
                </span>
                <span className={styles.stationCount}>{t("openCount", { count: one.open })}</span>
                <span className={styles.stationOver} data-tone={one.overdue > 0 ? "wrong" : undefined}>
                  {t("overdueCount", { count: one.overdue })}
                </span>
              </Link>
            </li>
          ))}
        </ul>
      </Panel>
      <Panel title={t("byRung")}>
        {climbed.length === 0 ? (
          <Empty title={t("byRungNone")} />
        ) : (
          <ul className={styles.stations}>
            {climbed.map((one) => (
              <li key={one.rung} className={styles.rungLine}>
                <span>{say(one.name)}</span>
                <strong>{one.count}</strong>
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </>
  );
}
