import type { CaseRow } from "@shared/api/console";
import { query } from "@shared/api/request";
import { Empty, Loading, ProblemNote } from "@shared/parts";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { Export } from "../list/Export";
import styles from "../list/list.module.css";
import { NewRows } from "../list/NewRows";
import { useList } from "../list/useList";
import { VirtualRows } from "../list/VirtualRows";
import { useListWords } from "../list/words";
import { CasesLine } from "./CasesLine";
import lines from "./cases.module.css";
import { Filters } from "./Filters";
import { type CasesSearch, exportOf, parametersOf, sortOf } from "./search";
import { useCasesWords } from "./words";

/** All cases, as the filters in the address narrow them. */
export function Screen() {
  const search = useSearch({ from: "/shell/cases" });
  const navigate = useNavigate();
  const t = useCasesWords();
  const list = useListWords();
  const parameters = parametersOf(search);
  const { pages, rows, isSearching, total, more } = useList<CaseRow>("cases", parameters);
  const set = useCallback(
    (next: CasesSearch) => void navigate({ to: "/cases", search: next, replace: true }),
    [navigate],
  );
  const open = (row: CaseRow) => void navigate({ to: "/cases/$caseId", params: { caseId: row.case_id } });
  const sorted = sortOf(search);
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>
          {t("title")}
          {total !== null && <small>{list("total", { count: total })}</small>}
        </h1>
        <Export
          name={t("file")}
          address={(suffix) => `/console/v1/cases.${suffix}${query(exportOf(search))}`}
        />
      </header>
      <Filters search={search} set={set} />
      <NewRows kind="cases" refresh={() => void pages.refetch()} />
      {pages.error !== null && <ProblemNote problem={pages.error} again={() => void pages.refetch()} />}
      {pages.data === undefined || isSearching ? (
        pages.error === null && <Loading lines={10} />
      ) : rows.length === 0 ? (
        <Empty title={list("none")}>
          <p>{list("noneHint")}</p>
          <button type="button" className="tc-button tc-button-plain" onClick={() => set({ open: "yes" })}>
            {list("clear")}
          </button>
        </Empty>
      ) : (
        <section className={`tc-surface ${styles.table}`} aria-busy={pages.isPlaceholderData}>
          <div className={`${styles.header} ${lines.line}`}>
            <span />
            <span>{t("colEnterprise")}</span>
            <span>{t("colStage")}</span>
            <span>{t("colWho")}</span>
            <Sort by="opened" name={t("colOpened")} sorted={sorted} search={search} set={set} />
            <Sort by="due" name={t("colDue")} sorted={sorted} search={search} set={set} />
          </div>
          <VirtualRows
            rows={rows}
            id={(row) => row.case_id}
            open={open}
            more={more}
            height={62}
            label={t("title")}
          >
            {(row, isCurrent) => <CasesLine row={row} isCurrent={isCurrent} />}
          </VirtualRows>
          <p className={styles.foot} role="status">
            {pages.isFetchingNextPage
              ? list("loadingMore")
              : list(more === undefined ? "totalAll" : "totalMore", { count: rows.length })}
          </p>
        </section>
      )}
    </div>
  );
}

interface Sorting {
  by: "due" | "opened";
  name: string;
  sorted: string;
  search: CasesSearch;
  set: (next: CasesSearch) => void;
}

/** The head of a column that the list may be ordered by; once more turns it round. */
function Sort({ by, name, sorted, search, set }: Sorting) {
  const first = by === "due" ? "asc" : "desc";
  const order = search.order ?? first;
  const turned = order === "asc" ? "desc" : "asc";
  const isSorted = sorted === by;
  return (
    <span>
      <button
        type="button"
        data-sorted={isSorted}
        aria-pressed={isSorted}
        onClick={() => set({ ...search, sort: by, order: isSorted ? turned : first })}
      >
        {name}
        <span aria-hidden="true">{isSorted ? (order === "asc" ? " ↑" : " ↓") : " ↕"}</span>
      </button>
    </span>
  );
}
