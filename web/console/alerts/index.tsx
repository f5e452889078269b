import type { AlertRow } from "@shared/api/console";
import { query } from "@shared/api/request";
import { enterpriseName, measuredBriefly, outletName, reasonText } from "@shared/found/found";
import { speak, useLanguage } from "@shared/language";
import { Empty, LevelTag, Loading, ProblemNote, Time } from "@shared/parts";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { Export } from "../list/Export";
import list from "../list/list.module.css";
import { NewRows } from "../list/NewRows";
import { useList } from "../list/useList";
import { VirtualRows } from "../list/VirtualRows";
import { useListWords } from "../list/words";
import styles from "./alerts.module.css";
import { Filters } from "./Filters";
import { type AlertsSearch, parametersOf } from "./search";
import { useAlertsWords } from "./words";

/** All alerts, as the filters in the address narrow them, each with the reason of its grade. */
export function Screen() {
  const search = useSearch({ from: "/shell/alerts" });
  const navigate = useNavigate();
  const t = useAlertsWords();
  const words = useListWords();
  const parameters = parametersOf(search);
  const { pages, rows, isSearching, total, more } = useList<AlertRow>("alerts", parameters);
  const set = useCallback(
    (next: AlertsSearch) => void navigate({ to: "/alerts", search: next, replace: true }),
    [navigate],
  );
  const open = (row: AlertRow) =>
    void navigate({ to: "/alerts/$alertId", params: { alertId: row.alert_id } });
  return (
    <div className={list.page}>
      <header className={list.head}>
        <h1>
          {t("title")}
          {total !== null && <small>{words("total", { count: total })}</small>}
        </h1>
        <Export name={t("file")} address={(suffix) => `/console/v1/alerts.${suffix}${query(parameters)}`} />
      </header>
      <Filters search={search} set={set} />
      <NewRows kind="alerts" refresh={() => void pages.refetch()} />
      {pages.error !== null && <ProblemNote problem={pages.error} again={() => void pages.refetch()} />}
      {pages.data === undefined || isSearching ? (
        pages.error === null && <Loading lines={10} />
      ) : rows.length === 0 ? (
        <Empty title={words("none")}>
          <p>{words("noneHint")}</p>
          <button type="button" className="tc-button tc-button-plain" onClick={() => set({})}>
            {words("clear")}
          </button>
        </Empty>
      ) : (
        <section className={`tc-surface ${list.table}`} aria-busy={pages.isPlaceholderData}>
          <div className={`${list.header} ${styles.line}`} aria-hidden="true">
            <span />
            <span>{t("colWhat")}</span>
            <span>{t("colWhy")}</span>
            <span>{t("colWhen")}</span>
            <span>{t("colCase")}</span>
          </div>
          <VirtualRows
            rows={rows}
            id={(row) => row.alert_id}
            open={open}
            more={more}
            height={62}
            label={t("title")}
          >
            {(row, isCurrent) => <AlertLine row={row} isCurrent={isCurrent} />}
          </VirtualRows>
          <p className={list.foot} role="status">
            {pages.isFetchingNextPage
              ? words("loadingMore")
              : words(more === undefined ? "totalAll" : "totalMore", { count: rows.length })}
          </p>
        </section>
      )}
    </div>
  );
}

function AlertLine({ row, isCurrent }: { row: AlertRow; isCurrent: boolean }) {
  const spoken = useLanguage();
  const say = speak(spoken);
  const t = useAlertsWords();
  const marks = [
    row.dismissed && t("dismissed"),
    row.held && t("held"),
    row.counted_on !== null && t("counted"),
    row.doubts.length > 0 && t("doubtful"),
  ].filter((mark): mark is string => mark !== false);
  return (
    <article className={`${styles.line} ${styles.row}`} data-current={isCurrent}>
      <LevelTag level={row.level} brief />
      <div className={styles.cell}>
        <Link to="/alerts/$alertId" params={{ alertId: row.alert_id }} className={styles.name}>
          {enterpriseName(row)}
        </Link>
        <span className={styles.quiet}>
          {[say(row.category), outletName(row.outlet), measuredBriefly(row)].filter(Boolean).join(" · ")}
        </span>
      </div>
      <div className={styles.cell}>
        <span>{reasonText(say(row.reason))}</span>
        {marks.length > 0 && (
          <span className={styles.marks}>
            {marks.map((mark) => (
              <span key={mark} className={styles.mark}>
                {mark}
              </span>
            ))}
          </span>
        )}
      </div>
      <div className={styles.cell}>
        <Time at={row.issued_at} />
      </div>
      <div className={styles.cell}>
        {row.case_id === null ? (
          <span className={styles.quiet}>{t("noCase")}</span>
        ) : (
          <Link to="/cases/$caseId" params={{ caseId: row.case_id }}>
            {t("openCase")}
          </Link>
        )}
      </div>
    </article>
  );
}
