import * as scope from "@shared/api/generated/scope";
import { serverNow, useNow } from "@shared/clock";
import { useLanguage } from "@shared/language";
import { dayText, Empty, Loading, ProblemNote } from "@shared/parts";
import { may } from "@shared/session/may";
import { useMe } from "@shared/session/me";
import { useNavigate, useSearch } from "@tanstack/react-router";
import list from "../list/list.module.css";
import { StationFilter } from "../list/StationFilter";
import { useStations } from "../list/useStations";
import { Absences } from "./Absences";
import { Leaves, Recusals, Substitutions } from "./Away";
import { dayNames } from "./day_names";
import { EntryCodes } from "./EntryCodes";
import { Officers } from "./Officers";
import { useLeaves, useOfficers, useRecusals, useSubstitutions } from "./queries";
import { Rota } from "./Rota";
import { OF_A_STATION, OF_THE_DISTRICT, Sheets } from "./Sheets";
import type { StationSearch } from "./search";
import styles from "./station.module.css";
import { daysOf, weekAfter, weekOf } from "./weeks";
import { useStationWords } from "./words";

/** A station's day: the rota of the week, who has what to do, who is away, and sheets that say it all at once. */
export function Screen() {
  const search = useSearch({ from: "/shell/station" });
  const navigate = useNavigate();
  const t = useStationWords();
  const spoken = useLanguage();
  const me = useMe();
  const stations = useStations();
  const today = dayText(useNow(60_000));
  const chosen = stations.find((one) => one.code === search.station) ?? stations[0];
  const week = search.week ?? weekOf(today);
  const named = (day: number): string => dayNames(daysOf(week)[day] ?? today, spoken).date;
  const set = (next: StationSearch) => void navigate({ to: "/station", search: next, replace: true });
  if (me.error !== null) return <ProblemNote problem={me.error} again={() => void me.refetch()} />;
  if (me.data === undefined) return <Loading lines={8} />;
  const isOfDistrict = may(me.data.role, scope.writeEnterprise);
  const mayAct = may(me.data.role, scope.writeRota);
  return (
    <div className={list.page}>
      <header className={list.head}>
        <h1>
          {t("title")}
          {chosen !== undefined && <small>{chosen.name}</small>}
        </h1>
        <div className={list.filters}>
          <StationFilter
            label={t("station")}
            chosen={chosen?.code}
            choose={(station) => set({ ...search, station })}
          />
          <nav className={styles.weeks} aria-label={t("week")}>
            <button
              type="button"
              className="tc-button tc-button-plain"
              onClick={() => set({ ...search, week: weekAfter(week, -1) })}
            >
              {t("previousWeek")}
            </button>
            <b>{t("ofWeek", { number: Number(week.slice(-2)), from: named(0), until: named(6) })}</b>
            <button
              type="button"
              className="tc-button tc-button-plain"
              onClick={() => set({ ...search, week: weekAfter(week, 1) })}
            >
              {t("nextWeek")}
            </button>
            {week !== weekOf(today) && (
              <button
                type="button"
                className="tc-link"
                onClick={() => set({ ...search, week: weekOf(dayText(serverNow())) })}
              >
                {t("thisWeek")}
              </button>
            )}
          </nav>
        </div>
      </header>
      {chosen === undefined ? (
        <Empty title={t("noStation")} />
      ) : (
        <Day
          key={`${chosen.code} ${week}`}
          station={chosen.code}
          week={week}
          today={today}
          acts={mayAct}
          role={me.data.role}
          sheets={isOfDistrict ? OF_THE_DISTRICT : OF_A_STATION}
        />
      )}
    </div>
  );
}

interface Shown {
  station: string;
  week: string;
  today: string;
  acts: boolean;
  role: string;
  sheets: typeof OF_A_STATION | typeof OF_THE_DISTRICT;
}

function Day({ station, week, today, acts, role, sheets }: Shown) {
  const t = useStationWords();
  // Of the week that is looked at, and of what is to come.
  const monday = daysOf(week)[0] ?? today;
  const since = monday < today ? monday : today;
  const officers = useOfficers(station);
  const leaves = useLeaves(since);
  const substitutions = useSubstitutions(since);
  const recusals = useRecusals();
  const failed = [officers, leaves, substitutions, recusals].find((one) => one.error !== null);
  if (officers.data === undefined)
    return officers.error === null ? (
      <Loading lines={8} />
    ) : (
      <ProblemNote problem={officers.error} again={() => void officers.refetch()} />
    );
  const own = new Set(officers.data.map(({ code }) => code));
  const ofStation = <Row extends { officer: string }>(rows: readonly Row[] | undefined): Row[] =>
    (rows ?? []).filter(({ officer }) => own.has(officer));
  const shared = { officers: officers.data, today, acts };
  const away = ofStation(leaves.data);
  return (
    <>
      {failed !== undefined && <ProblemNote problem={failed.error} again={() => void failed.refetch()} />}
      <section className={`tc-surface ${styles.part}`}>
        <h2>{t("rota")}</h2>
        <Rota
          {...shared}
          station={station}
          week={week}
          leaves={away}
          substitutions={ofStation(substitutions.data)}
        />
      </section>
      <section className={`tc-surface ${styles.part}`}>
        <h2>{t("officers", { count: officers.data.length })}</h2>
        <Officers {...shared} station={station} leaves={away} />
      </section>
      <div className={styles.three}>
        <Leaves {...shared} leaves={away.filter((one) => one.last_day >= today)} />
        <Substitutions
          {...shared}
          substitutions={ofStation(substitutions.data).filter((one) => one.day >= today)}
        />
        <Recusals {...shared} recusals={ofStation(recusals.data)} />
      </div>
      {may(role, scope.listAbsences) && (
        <Absences
          station={station}
          ofDistrict={role !== "station_chief"}
          acts={may(role, scope.recordAbsence)}
        />
      )}
      {may(role, scope.setEntryCode) && <EntryCodes station={station} />}
      {acts && <Sheets kinds={sheets} />}
    </>
  );
}
