import { query, read } from "@shared/api/request";
import { dayAfter } from "@shared/clock/shanghai";
import { speak, useLanguage } from "@shared/language";
import { DayInput, Empty, Loading, ProblemNote } from "@shared/parts";
import { LEVELS, levelName } from "@shared/words";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Chips } from "../list/Chips";
import { Export } from "../list/Export";
import list from "../list/list.module.css";
import { StationFilter } from "../list/StationFilter";
import { shareText } from "../parts/share";
import { COUNTS, type Count, type FiguresAnswer, type Measures, type Quantiles, spanOf } from "./figures";
import styles from "./figures.module.css";
import { OutcomeChart } from "./OutcomeChart";
import { casesOf, type FiguresSearch, GROUPINGS, isTurned, PERIODS, parametersOf } from "./search";
import { useFiguresWords } from "./words";

/** What was handled and finished in a period, on time and late; every number leads to its cases. */
export function Screen() {
  const search = useSearch({ from: "/shell/figures" });
  const navigate = useNavigate();
  const t = useFiguresWords();
  const parameters = parametersOf(search);
  const turned = isTurned(search);
  const figures = useQuery({
    queryKey: ["figures", parameters],
    queryFn: ({ signal }) => read<FiguresAnswer>(`/console/v1/figures${query(parameters)}`, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
    enabled: !turned,
  });
  const set = (next: FiguresSearch) => void navigate({ to: "/figures", search: next, replace: true });
  const shown = turned ? undefined : figures.data;
  return (
    <div className={list.page}>
      <header className={list.head}>
        <h1>
          {t("title")}
          {shown !== undefined && (
            <small>{t("spoken", { since: shown.since, until: dayAfter(shown.until, -1) })}</small>
          )}
        </h1>
        <span className={styles.takeAway}>
          {!turned && (
            <Export
              name={t("file")}
              address={(suffix) => `/console/v1/figures.${suffix}${query(parameters)}`}
            />
          )}
          <button type="button" className="tc-link" onClick={() => window.print()}>
            {t("print")}
          </button>
        </span>
      </header>
      <Asked search={search} set={set} />
      {!turned && figures.error !== null && (
        <ProblemNote problem={figures.error} again={() => void figures.refetch()} />
      )}
      {shown === undefined ? (
        !turned && figures.error === null && <Loading lines={10} />
      ) : shown.totals.total === 0 ? (
        <Empty title={t("none")}>
          {t("noneHint")}{" "}
          {search.period !== "year" && (
            <button
              type="button"
              className="tc-link"
              onClick={() => set({ ...search, period: "year", from: undefined, until: undefined })}
            >
              {t("wholeYear")}
            </button>
          )}
        </Empty>
      ) : (
        <>
          <Headline totals={shown.totals} definitions={shown.definitions} />
          <OutcomeChart figures={shown} />
          <Table figures={shown} />
        </>
      )}
    </div>
  );
}

interface Asking {
  search: FiguresSearch;
  set: (next: FiguresSearch) => void;
}

function Asked({ search, set }: Asking) {
  const t = useFiguresWords();
  const spoken = useLanguage();
  return (
    <form className={`tc-surface ${list.filters}`} onSubmit={(event) => event.preventDefault()}>
      <label>
        {t("period")}
        <select
          value={search.period ?? "month"}
          onChange={({ target }) =>
            set({
              ...search,
              period: PERIODS.find((one) => one === target.value),
              from: undefined,
              until: undefined,
            })
          }
        >
          {PERIODS.map((one) => (
            <option key={one} value={one}>
              {t(one)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t("from")}
        <DayInput
          brief
          value={search.from ?? ""}
          onChange={(day) => set({ ...search, from: day || undefined })}
        />
      </label>
      <label>
        {t("until")}
        <DayInput
          brief
          min={search.from}
          value={search.until ?? ""}
          onChange={(day) => set({ ...search, until: day || undefined })}
        />
      </label>
      <label>
        {t("by")}
        <select
          value={search.by ?? "station"}
          onChange={({ target }) => set({ ...search, by: GROUPINGS.find((one) => one === target.value) })}
        >
          {GROUPINGS.map((one) => (
            <option key={one} value={one}>
              {t(one)}
            </option>
          ))}
        </select>
      </label>
      <StationFilter
        label={t("station")}
        all={t("allStations")}
        chosen={search.station}
        choose={(station) => set({ ...search, station })}
      />
      <Chips
        label={t("level")}
        options={LEVELS.map((level) => [level, levelName(level, spoken)] as const)}
        chosen={search.level}
        choose={(level) => set({ ...search, level })}
      />
    </form>
  );
}

interface Told {
  totals: Measures;
  definitions: FiguresAnswer["definitions"];
}

/** The one number of the plan, large, and what stands behind it. */
function Headline({ totals, definitions }: Told) {
  const t = useFiguresWords();
  const say = speak(useLanguage());
  return (
    <section className={`tc-surface ${styles.headline}`}>
      <div className={styles.share}>
        <b>{shareText(totals.share)}</b>
        <span>{t("share")}</span>
      </div>
      <div className={styles.share}>
        <b>{shareText(totals.on_time_share)}</b>
        <span>{t("onTimeShare")}</span>
      </div>
      <div className={styles.share}>
        <b>
          <Span of={totals.response_seconds} />
        </b>
        <span>
          {t("response")} · {t("responseHint")}
        </span>
      </div>
      <div className={styles.share}>
        <b>
          <Span of={totals.arrival_seconds} />
        </b>
        <span>
          {t("arrival")} · {t("responseHint")}
        </span>
      </div>
      <details className={styles.definitions}>
        <summary>{t("definitions")}</summary>
        <ul>
          {COUNTS.map((one) => {
            const meant = definitions[one];
            return meant === undefined ? null : <li key={one}>{say(meant)}</li>;
          })}
        </ul>
      </details>
    </section>
  );
}

function Span({ of }: { of: Quantiles }) {
  const t = useFiguresWords();
  const told = (seconds: number | null): string => {
    if (seconds === null) return "–";
    const { unit, count } = spanOf(seconds);
    return t(unit, { count });
  };
  return of.p50 === null ? "–" : `${told(of.p50)} / ${told(of.p90)}`;
}

function Table({ figures }: { figures: FiguresAnswer }) {
  const t = useFiguresWords();
  const say = speak(useLanguage());
  return (
    <section className={`tc-surface ${styles.scroll}`}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t(figures.by)}</th>
            {COUNTS.map((one) => (
              <th key={one} scope="col" className={styles.number}>
                {t(one)}
              </th>
            ))}
            <th scope="col" className={styles.number}>
              {t("share")}
            </th>
            <th scope="col" className={styles.number}>
              {t("response")}
            </th>
          </tr>
        </thead>
        <tbody>
          {figures.rows.map((row) => (
            <Row
              key={row.key}
              name={row.name === null ? row.key : say(row.name)}
              code={row.key}
              measures={row}
            />
          ))}
        </tbody>
        <tfoot>
          <Row name={t("all")} code="" measures={figures.totals} />
        </tfoot>
      </table>
      {figures.more && <p className={list.foot}>{t("more", { count: figures.rows.length })}</p>}
    </section>
  );
}

function Row({ name, code, measures }: { name: string; code: string; measures: Measures }) {
  return (
    <tr>
      <th scope="row" title={code}>
        {name}
      </th>
      {COUNTS.map((one) => (
        <td key={one} className={styles.number} data-wrong={one === "overdue" && measures[one] > 0}>
          <Cell of={one} measures={measures} />
        </td>
      ))}
      <td className={styles.number}>{shareText(measures.share)}</td>
      <td className={styles.number}>
        <Span of={measures.response_seconds} />
      </td>
    </tr>
  );
}

function Cell({ of, measures }: { of: Count; measures: Measures }) {
  const t = useFiguresWords();
  if (measures[of] === 0) return 0;
  return (
    <Link to="/cases" search={casesOf(measures.cases[of]) as object} title={t("toCases")}>
      {measures[of]}
    </Link>
  );
}
