import * as scope from "@shared/api/generated/scope";
import { isProblem } from "@shared/api/problem";
import { read } from "@shared/api/request";
import { serverNow } from "@shared/clock";
import { type Language, useLanguage } from "@shared/language";
import { dayText, Empty, Loading, ProblemNote } from "@shared/parts";
import { useMay } from "@shared/session/may";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import list from "../list/list.module.css";
import styles from "./calendar.module.css";
import { ImportYear } from "./ImportYear";
import { LocalDayOff } from "./LocalDayOff";
import { Policies } from "./Policies";
import { useCalendarWords } from "./words";
import { type Month, monthsOf, type YearAnswer } from "./year";

const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const KINDS = ["working", "off", "makeUp", "local"] as const;

/** The year that deadlines are counted by, how it is changed, and the policies in force. */
export function Screen() {
  const search = useSearch({ from: "/shell/calendar" });
  const t = useCalendarWords();
  const mayImport = useMay(scope.importCalendarYear);
  const year = search.year ?? Number(dayText(serverNow()).slice(0, 4));
  const found = useQuery({
    queryKey: ["calendar", year],
    queryFn: ({ signal }) => read<YearAnswer>(`/watch/v1/calendar/${year}`, { signal }),
  });
  return (
    <div className={list.page}>
      <header className={list.head}>
        <h1>
          {t("title")} <small>{t("year", { year })}</small>
        </h1>
        <span className={styles.acts}>
          <Link to="/calendar" search={{ year: year - 1 }}>
            {t("previous")}
          </Link>
          <Link to="/calendar" search={{ year: year + 1 }}>
            {t("next")}
          </Link>
        </span>
      </header>
      {found.error !== null &&
        (isProblem(found.error) && found.error.status === 404 ? (
          <Empty title={t("unknown")}>{t("unknownHint")}</Empty>
        ) : (
          <ProblemNote problem={found.error} again={() => void found.refetch()} />
        ))}
      {found.data === undefined ? (
        found.error === null && <Loading lines={8} />
      ) : (
        <section className={`tc-surface ${styles.part}`}>
          <p>
            {found.data.published
              ? t("published", {
                  title: found.data.notice?.title ?? "–",
                  number: found.data.notice?.number ?? "–",
                })
              : t("unpublished")}
            {found.data.published && !found.data.end_published && ` · ${t("endOpen")}`}
          </p>
          <ul className={styles.legend}>
            {KINDS.map((kind) => (
              <li key={kind}>
                <span className={styles.day} data-kind={kind}>
                  1
                </span>{" "}
                {t(kind)}
              </li>
            ))}
          </ul>
          <div className={styles.year}>
            {monthsOf(found.data).map((month) => (
              <MonthGrid key={month.month} month={month} />
            ))}
          </div>
        </section>
      )}
      {useMay(scope.addLocalDayOff) && <LocalDayOff />}
      {mayImport && <ImportYear key={year} year={year} />}
      <Policies
        title={t("policies")}
        path="/watch/v1/deadline-policies"
        mayPropose={useMay(scope.publishDeadlinePolicy)}
      />
      <Policies
        title={t("dispatch")}
        path="/dispatch/v1/dispatch-policies"
        mayPropose={useMay(scope.publishDispatchPolicy)}
      />
    </div>
  );
}

function monthName(month: number, spoken: Language): string {
  return new Intl.DateTimeFormat(spoken, { month: "short", timeZone: "UTC" }).format(
    Date.UTC(2000, month - 1, 1),
  );
}

function MonthGrid({ month }: { month: Month }) {
  const t = useCalendarWords();
  const spoken = useLanguage();
  const today = dayText(serverNow());
  return (
    <div>
      <h3>{monthName(month.month, spoken)}</h3>
      <div className={styles.month}>
        {WEEK.map((day) => (
          <span key={day} className="tc-quiet">
            {t(day)}
          </span>
        ))}
        {month.days.map((day, index) => (
          <span
            key={day.date}
            className={styles.day}
            data-kind={day.kind}
            aria-current={day.date === today ? "date" : undefined}
            title={[day.date, t(day.kind), day.name].filter(Boolean).join(" · ")}
            style={index === 0 ? { gridColumnStart: month.before + 1 } : undefined}
          >
            {day.day}
          </span>
        ))}
      </div>
    </div>
  );
}
