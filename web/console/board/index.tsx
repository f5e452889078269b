import { useLanguage } from "@shared/language";
import { Empty, Loading, ProblemNote } from "@shared/parts";
import { useSession } from "@shared/session/session";
import { LEVELS, levelName } from "@shared/words";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { CasesSearch } from "../cases/search";
import { useChanged } from "../list/useChanged";
import { useRows } from "../list/useRows";
import { useShortcuts } from "../shell/shortcuts";
import { AlertFeed } from "./AlertFeed";
import { BoardLine } from "./BoardLine";
import styles from "./board.module.css";
import { Panel } from "./Panel";
import { useBoard } from "./query";
import { Shares } from "./Shares";
import type { BoardSearch } from "./search";
import { Tiles } from "./Tiles";
import { useBoardWords } from "./words";

/** The duty room's board: what is overdue, what is due next, what came in, and who has how much. */
export function Screen() {
  const { station, level } = useSearch({ from: "/shell/board" });
  const board = useBoard(station);
  const t = useBoardWords();
  const spoken = useLanguage();
  const navigate = useNavigate();
  const isAbove = useSession()?.person.station === undefined;
  const all = board.data;
  const ofLevel = <Row extends { level: string }>(rows: Row[]): Row[] =>
    level === undefined ? rows : rows.filter((row) => row.level === level);
  const overdue = ofLevel(all?.overdue ?? []);
  const due = ofLevel(all?.due_next ?? []);
  const alerts = ofLevel(all?.alerts ?? []);
  const rows = [...overdue, ...due];
  const changed = useChanged(
    new Map<string, string | number>([
      ...rows.map((row) => [row.case_id, row.revision] as const),
      ...alerts.map((row) => [row.alert_id, row.level] as const),
    ]),
  );
  const current = useRows({
    rows,
    id: (row) => row.case_id,
    open: (row) => void navigate({ to: "/cases/$caseId", params: { caseId: row.case_id } }),
  });
  const filters = { ...(station !== undefined && { station }), ...(level !== undefined && { level }) };
  useShortcuts([
    { keys: "w", says: t("keyWall"), run: () => void navigate({ to: "/wall", search: filters }) },
  ]);
  return (
    <div className={styles.board}>
      <header className={styles.head}>
        <h1>{t("title")}</h1>
        <div className={styles.filters}>
          {isAbove && all !== undefined && (
            <select
              aria-label={t("station")}
              value={station ?? ""}
              onChange={({ target }) =>
                void navigate({ to: "/board", search: { ...filters, station: target.value || undefined } })
              }
            >
              <option value="">{t("allStations")}</option>
              {all.counts.by_station.map(
                (one) =>
                  one.station !== null && (
                    <option key={one.station} value={one.station}>
                      {one.name ?? one.station}
                    </option>
                  ),
              )}
              {station !== undefined && !all.counts.by_station.some((one) => one.station === station) && (
                <option value={station}>{station}</option>
              )}
            </select>
          )}
          <fieldset className={styles.levels} aria-label={t("level")}>
            {[undefined, ...LEVELS].map((one) => (
              <Link
                key={one ?? "all"}
                to="/board"
                search={{ ...filters, level: one }}
                className={styles.level}
                data-chosen={one === level}
                aria-current={one === level ? "true" : undefined}
              >
                {one === undefined ? t("allLevels") : levelName(one, spoken)}
              </Link>
            ))}
          </fieldset>
          <Link to="/wall" search={filters} className={styles.level}>
            {t("wall")} <kbd>w</kbd>
          </Link>
        </div>
      </header>
      {board.error !== null && <ProblemNote problem={board.error} again={() => void board.refetch()} />}
      {all === undefined ? (
        board.error === null && <Loading lines={12} />
      ) : (
        <>
          {all.lag_seconds !== null && all.lag_seconds > 10 && (
            <div className="tc-bar tc-bar-warning" role="status">
              {t("lagging", { seconds: Math.round(all.lag_seconds) })}
            </div>
          )}
          <Tiles board={all} station={station} />
          <div className={styles.columns}>
            <div className={styles.lists}>
              <Panel
                title={t("overdue")}
                count={sum(all.counts.overdue)}
                tone={overdue.length > 0 ? "wrong" : undefined}
                more={{ ...asCases(filters), overdue: "yes" }}
              >
                {overdue.length === 0 ? (
                  <Empty title={t("overdueNone")}>{t("overdueNoneHint")}</Empty>
                ) : (
                  overdue.map((row) => (
                    <BoardLine
                      key={row.case_id}
                      row={row}
                      isCurrent={current === row.case_id}
                      isChanged={changed.has(row.case_id)}
                    />
                  ))
                )}
              </Panel>
              <Panel
                title={t("dueNext")}
                count={sum(all.counts.open) - sum(all.counts.overdue)}
                more={{ ...asCases(filters), overdue: "no", sort: "due" }}
              >
                {due.length === 0 ? (
                  <Empty title={t("dueNextNone")}>{t("dueNextNoneHint")}</Empty>
                ) : (
                  due.map((row) => (
                    <BoardLine
                      key={row.case_id}
                      row={row}
                      isCurrent={current === row.case_id}
                      isChanged={changed.has(row.case_id)}
                    />
                  ))
                )}
              </Panel>
            </div>
            <aside className={styles.aside}>
              <AlertFeed alerts={alerts} changed={changed} filters={filters} />
              <Shares board={all} />
            </aside>
          </div>
        </>
      )}
    </div>
  );
}

/** The filters of the board as the list of cases has them. */
function asCases({ station, level }: BoardSearch): CasesSearch {
  return {
    ...(station !== undefined && { station: [station] }),
    ...(level !== undefined && { level: [level] }),
  };
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((all, one) => all + one, 0);
}
