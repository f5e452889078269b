import { useLanguage } from "@shared/language";
import { DayInput } from "@shared/parts";
import { LEVELS, levelName } from "@shared/words";
import cases from "../cases/cases.module.css";
import { Chips } from "../list/Chips";
import list from "../list/list.module.css";
import { SearchBox } from "../list/SearchBox";
import { StationFilter } from "../list/StationFilter";
import { useListWords } from "../list/words";
import type { AlertsSearch } from "./search";
import { useAlertsWords } from "./words";

interface Filtered {
  search: AlertsSearch;
  set: (next: AlertsSearch) => void;
}

/** The filters of the list of alerts. */
export function Filters({ search, set }: Filtered) {
  const t = useAlertsWords();
  const all = useListWords();
  const spoken = useLanguage();
  const change = (changed: { [Key in keyof AlertsSearch]?: AlertsSearch[Key] | undefined }): void =>
    set(
      Object.fromEntries(
        Object.entries({ ...search, ...changed }).filter(([, value]) => value !== undefined && value !== ""),
      ) as AlertsSearch,
    );
  const marks: [string, () => void][] = [];
  if (search.enterprise !== undefined)
    marks.push([t("enterpriseIs", { code: search.enterprise }), () => change({ enterprise: undefined })]);
  if (search.category !== undefined)
    marks.push([t("categoryIs", { code: search.category.join(" ") }), () => change({ category: undefined })]);
  const questions = [
    ["held", t("heldAny"), t("heldYes"), t("heldNo")],
    ["doubts", t("doubtsAny"), t("doubtsYes"), t("doubtsNo")],
    ["dismissed", t("dismissedAny"), t("dismissedYes"), t("dismissedNo")],
  ] as const;
  return (
    <search className={`tc-surface ${list.filters} tc-no-print`}>
      <SearchBox text={search.q ?? ""} hint={t("hint")} ask={(q) => change({ q })} />
      <Chips
        label={t("level")}
        options={LEVELS.map((level) => [level, levelName(level, spoken)] as const)}
        chosen={search.level}
        choose={(level) => change({ level })}
      />
      <StationFilter
        label={t("station")}
        all={t("allStations")}
        chosen={search.station?.[0]}
        choose={(station) => change({ station: station === undefined ? undefined : [station] })}
      />
      {questions.map(([name, any, yes, no]) => (
        <select
          key={name}
          aria-label={any}
          value={search[name] ?? ""}
          onChange={({ target }) =>
            change({ [name]: (target.value || undefined) as "yes" | "no" | undefined })
          }
        >
          <option value="">{any}</option>
          <option value="yes">{yes}</option>
          <option value="no">{no}</option>
        </select>
      ))}
      <label>
        {t("since")}
        <DayInput brief value={search.since ?? ""} onChange={(day) => change({ since: day || undefined })} />
      </label>
      <label>
        {t("to")}
        <DayInput brief value={search.until ?? ""} onChange={(day) => change({ until: day || undefined })} />
      </label>
      {marks.map(([name, remove]) => (
        <span key={name} className={cases.applied}>
          {name}
          <button type="button" aria-label={t("remove", { filter: name })} onClick={remove}>
            ×
          </button>
        </span>
      ))}
      {Object.keys(search).length > 0 && (
        <button type="button" className="tc-link" onClick={() => set({})}>
          {all("clear")}
        </button>
      )}
    </search>
  );
}
