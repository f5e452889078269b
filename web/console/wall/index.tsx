import type { AlertRow, CaseRow } from "@shared/api/console";
import { useReach } from "@shared/api/reachable";
import { useNow } from "@shared/clock";
import { inShanghai } from "@shared/clock/shanghai";
import { enterpriseName, measuredBriefly, reasonText } from "@shared/found/found";
import { speak, useLanguage } from "@shared/language";
import { instantText, LevelTag } from "@shared/parts";
import { useSession } from "@shared/session/session";
import { LEVELS, levelName, rungName, stateName } from "@shared/words";
import { useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { useBoard } from "../board/query";
import { useChanged } from "../list/useChanged";
import { Due } from "../parts/Due";
import { percent } from "../parts/share";
import { pageAt, pagesOf } from "./pages";
import styles from "./wall.module.css";
import { useWallWords } from "./words";

const ROWS = 9;
const ALERTS = 5;
const PAGE_MS = 12_000;

/** The board for a wall: large, and without hands. What does not fit comes round by itself. */
export function Screen() {
  const { station, level } = useSearch({ from: "/wall" });
  const board = useBoard(station);
  const t = useWallWords();
  const spoken = useLanguage();
  const now = useNow(1000);
  const reach = useReach();
  const session = useSession();
  useAwakeScreen();
  const all = board.data;
  const ofLevel = (rows: CaseRow[]): CaseRow[] =>
    level === undefined ? rows : rows.filter((row) => row.level === level);
  const rows = [...ofLevel(all?.overdue ?? []), ...ofLevel(all?.due_next ?? [])];
  const alerts = (all?.alerts ?? [])
    .filter((row) => level === undefined || row.level === level)
    .slice(0, ALERTS);
  const pages = pagesOf(rows.length, ROWS);
  // By the device's clock: that of a demonstration would race through the pages.
  const page = pageAt(performance.now(), PAGE_MS, pages);
  const changed = useChanged(
    new Map<string, string | number>([
      ...rows.map((row) => [row.case_id, row.revision] as const),
      ...alerts.map((row) => [row.alert_id, row.level] as const),
    ]),
  );
  const place = all?.counts.by_station.find((one) => one.station === station)?.name;
  const failing =
    session?.ended === true ? t("ended") : reach.away || board.error !== null ? t("away") : null;
  return (
    <main className={styles.wall}>
      <header className={styles.head}>
        <h1>{place === undefined ? t("title") : `${place} · ${t("title")}`}</h1>
        {failing !== null && (
          <strong className={styles.failing} role="alert">
            {failing}
            {board.dataUpdatedAt > 0 && ` ${t("asOf", { time: instantText(board.dataUpdatedAt, spoken) })}`}
          </strong>
        )}
        <time className={styles.clock} dateTime={new Date(now).toISOString()}>
          <span>{wallDate(now, spoken)}</span>
          <b>{wallTime(now)}</b>
        </time>
      </header>
      {all === undefined ? (
        <p className={styles.waiting} aria-busy={failing === null}>
          {failing ?? t("loading")}
        </p>
      ) : (
        <>
          <section className={styles.numbers}>
            <Figure
              name={t("overdue")}
              value={sum(all.counts.overdue)}
              tone={sum(all.counts.overdue) > 0 ? "wrong" : "good"}
            />
            <Figure
              name={t("dueToday")}
              value={all.counts.due_today}
              tone={all.counts.due_today > 0 ? "warning" : undefined}
            />
            <Figure
              name={t("waiting")}
              value={all.counts.waiting}
              tone={all.counts.waiting > 0 ? "warning" : undefined}
            />
            {LEVELS.filter((one) => one !== "white" || (all.counts.open.white ?? 0) > 0).map((one) => (
              <Figure
                key={one}
                name={t("openOf", { level: levelName(one, spoken) })}
                value={all.counts.open[one] ?? 0}
              />
            ))}
            <Figure
              name={t("handled")}
              value={all.handled.share === null ? "—" : `${percent(all.handled.share)}%`}
              tone={all.handled.share === null ? undefined : all.handled.share >= 1 ? "good" : "warning"}
            />
          </section>
          <div className={styles.columns}>
            <section className={styles.cases} aria-label={t("cases")}>
              {rows.length === 0 ? (
                <p className={styles.waiting}>{t("calm")}</p>
              ) : (
                rows
                  .slice(page * ROWS, page * ROWS + ROWS)
                  .map((row) => <WallCase key={row.case_id} row={row} isChanged={changed.has(row.case_id)} />)
              )}
              {pages > 1 && (
                <footer className={styles.pages}>
                  {t("page", { page: page + 1, pages, count: rows.length })}
                </footer>
              )}
            </section>
            <aside className={styles.aside}>
              <section>
                <h2>{t("alerts")}</h2>
                {alerts.length === 0 && <p>{t("noAlerts")}</p>}
                {alerts.map((row) => (
                  <WallAlert key={row.alert_id} row={row} isChanged={changed.has(row.alert_id)} />
                ))}
              </section>
              {station === undefined && (
                <section>
                  <h2>{t("stations")}</h2>
                  <ul className={styles.stations}>
                    {all.counts.by_station.map((one) => (
                      <li key={one.station ?? ""}>
                        <span>{one.name ?? one.station ?? t("stationless")}</span>
                        <b className={styles.stationCount}>{one.open}</b>
                        <b className={styles.stationCount} data-tone={one.overdue > 0 ? "wrong" : undefined}>
                          {one.overdue > 0 ? t("overdueCount", { count: one.overdue }) : ""}
                        </b>
                      </li>
                    ))}
                  </ul>
                </section>
              )}
            </aside>
          </div>
        </>
      )}
    </main>
  );
}

function Figure({ name, value, tone }: { name: string; value: string | number; tone?: string | undefined }) {
  return (
    <div className={styles.number}>
      <b data-tone={tone}>{value}</b>
      <span>{name}</span>
    </div>
  );
}

function WallCase({ row, isChanged }: { row: CaseRow; isChanged: boolean }) {
  const spoken = useLanguage();
  const say = speak(spoken);
  const t = useWallWords();
  const whose = row.team.map((member) => member.name).join("、");
  return (
    <article className={styles.case} data-level={row.level} data-changed={isChanged}>
      <LevelTag level={row.level} brief />
      <div className={styles.what}>
        <b>{enterpriseName(row)}</b>
        <span>{[say(row.category), measuredBriefly(row)].filter(Boolean).join(" · ")}</span>
      </div>
      <div className={styles.who}>
        <b>{row.station_name ?? row.station ?? t("stationless")}</b>
        <span>{whose || (row.kind === "self_report" ? t("enterprise") : t("noTeam"))}</span>
      </div>
      <div className={styles.stage}>
        <b>{stateName(row.state, spoken, row.kind)}</b>
        <span data-tone="wrong">{rungName(row.rung, spoken)}</span>
      </div>
      <div className={styles.when}>
        <Due row={row} />
      </div>
    </article>
  );
}

function WallAlert({ row, isChanged }: { row: AlertRow; isChanged: boolean }) {
  const spoken = useLanguage();
  const say = speak(spoken);
  return (
    <article className={styles.alert} data-changed={isChanged}>
      <LevelTag level={row.level} brief />
      <div className={styles.what}>
        <b className={styles.alertName}>{enterpriseName(row)}</b>
        <span>{reasonText(say(row.reason)) || say(row.category)}</span>
      </div>
      <time dateTime={row.issued_at}>
        {instantText(row.received_at ?? row.issued_at, spoken).replace(/^.* /, "")}
      </time>
    </article>
  );
}

/** Keep the screen from going dark while the wall is shown, where the browser lets us. */
function useAwakeScreen(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | undefined;
    const ask = async () => {
      if (document.hidden || !("wakeLock" in navigator)) return;
      lock = await navigator.wakeLock.request("screen").catch(() => undefined);
    };
    void ask();
    document.addEventListener("visibilitychange", ask);
    return () => {
      document.removeEventListener("visibilitychange", ask);
      void lock?.release();
    };
  }, []);
}

function wallTime(now: number): string {
  return inShanghai(now).slice(11, 19);
}

function wallDate(now: number, spoken: string): string {
  return new Intl.DateTimeFormat(spoken === "en" ? "en-GB" : "zh-CN", {
    timeZone: "Asia/Shanghai",
    month: "long",
    day: "numeric",
    weekday: "long",
  }).format(now);
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((all, one) => all + one, 0);
}
