import { useLanguage } from "@shared/language";
import { DayInput } from "@shared/parts";
import { kindName, LEVELS, levelName, outcomeName, rungName, STATES, stateName } from "@shared/words";
import { Chips } from "../list/Chips";
import list from "../list/list.module.css";
import { SearchBox } from "../list/SearchBox";
import { StationFilter } from "../list/StationFilter";
import { useListWords } from "../list/words";
import styles from "./cases.module.css";
import { type CasesSearch, sortOf } from "./search";
import { useCasesWords } from "./words";

const KINDS = ["on_site", "self_report", "verification", "follow_up", "marking"] as const;
/** How far a case is, in the words that one asks by; single states follow them. */
const STAGES = {
  open_yes: { open: "yes" },
  awaits_team: { awaits: ["team"] },
  awaits_answer: { awaits: ["answer"] },
  awaits_review: { awaits: ["review"] },
  awaits_day: { awaits: ["day"] },
  open_no: { open: "no" },
  open_any: { open: "any" },
} as const satisfies Record<string, CasesSearch>;
type Stage = keyof typeof STAGES;

interface Filtered {
  search: CasesSearch;
  set: (next: CasesSearch) => void;
}

/** The filters of the list of cases. What other screens' links filter by besides stands as marks that may be taken off. */
export function Filters({ search, set }: Filtered) {
  const t = useCasesWords();
  const all = useListWords();
  const spoken = useLanguage();
  const change = (changed: { [Key in keyof CasesSearch]?: CasesSearch[Key] | undefined }): void =>
    set(clean({ ...search, ...changed }));
  const stage =
    search.state !== undefined
      ? `state_${search.state[0]}`
      : search.awaits !== undefined
        ? `awaits_${search.awaits[0]}`
        : `open_${search.open ?? "any"}`;
  const marks: [string, () => void][] = [];
  if (search.enterprise !== undefined)
    marks.push([t("enterprise", { code: search.enterprise }), () => change({ enterprise: undefined })]);
  if (search.officer !== undefined)
    marks.push([t("officer", { code: search.officer }), () => change({ officer: undefined })]);
  for (const code of search.category ?? [])
    marks.push([
      t("category", { code }),
      () => change({ category: search.category?.filter((one) => one !== code) }),
    ]);
  for (const code of search.outcome ?? [])
    marks.push([
      outcomeName(code, spoken),
      () => change({ outcome: search.outcome?.filter((one) => one !== code) }),
    ]);
  for (const step of search.rung ?? [])
    marks.push([rungName(step, spoken), () => change({ rung: search.rung?.filter((one) => one !== step) })]);
  const answered = [
    ["finished", t("finished"), t("unfinished")],
    ["on_time", t("onTime"), t("late")],
    ["provisional", t("provisional"), t("final")],
    ["counted", t("counted"), t("notCounted")],
  ] as const;
  for (const [name, yes, no] of answered)
    if (search[name] !== undefined)
      marks.push([search[name] === "yes" ? yes : no, () => change({ [name]: undefined })]);
  if (search.hour !== undefined)
    marks.push([t("hour", { hour: search.hour }), () => change({ hour: undefined })]);
  const days = [
    ["opened_since", t("openedSince", { day: search.opened_since })],
    ["opened_until", t("openedUntil", { day: search.opened_until })],
    ["closed_since", t("closedSince", { day: search.closed_since })],
    ["closed_until", t("closedUntil", { day: search.closed_until })],
  ] as const;
  for (const [name, said] of days)
    if (search[name] !== undefined) marks.push([said, () => change({ [name]: undefined })]);
  const isNarrowed = Object.entries(search).some(
    ([name, value]) => name !== "sort" && name !== "order" && !(name === "open" && value === "yes"),
  );
  return (
    <search className={`tc-surface ${list.filters} tc-no-print`}>
      <SearchBox text={search.q ?? ""} hint={t("hint")} ask={(q) => change({ q })} />
      <Chips
        label={t("level")}
        options={LEVELS.map((level) => [level, levelName(level, spoken)] as const)}
        chosen={search.level}
        choose={(level) => change({ level })}
      />
      <select
        aria-label={t("state")}
        value={stage}
        onChange={({ target: { value } }) =>
          change({
            open: undefined,
            awaits: undefined,
            state: undefined,
            ...(value in STAGES ? STAGES[value as Stage] : { state: [value.replace("state_", "")] }),
          } as CasesSearch)
        }
      >
        {(Object.keys(STAGES) as Stage[]).map((one) => (
          <option key={one} value={one}>
            {t(one)}
          </option>
        ))}
        <hr />
        {STATES.map((state) => (
          <option key={state} value={`state_${state}`}>
            {stateName(state, spoken)}
          </option>
        ))}
      </select>
      <select
        aria-label={t("kind")}
        value={search.kind?.[0] ?? ""}
        onChange={({ target: { value } }) => change({ kind: value === "" ? undefined : [value] })}
      >
        <option value="">{t("allKinds")}</option>
        {KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {kindName(kind, spoken)}
          </option>
        ))}
      </select>
      <StationFilter
        label={t("station")}
        all={t("allStations")}
        chosen={search.station?.[0]}
        choose={(station) => change({ station: station === undefined ? undefined : [station] })}
      />
      <YesNo
        label={t("overdue")}
        names={[t("overdueAny"), t("overdueYes"), t("overdueNo")]}
        value={search.overdue}
        choose={(overdue) => change({ overdue })}
      />
      <YesNo
        label={t("handled")}
        names={[t("handledAny"), t("handledYes"), t("handledNo")]}
        value={search.handled}
        choose={(handled) => change({ handled })}
      />
      <label>
        {t("dueFrom")}
        <DayInput
          brief
          value={search.due_after ?? ""}
          onChange={(day) => change({ due_after: day || undefined })}
        />
      </label>
      <label>
        {t("to")}
        <DayInput
          brief
          value={search.due_before ?? ""}
          onChange={(day) => change({ due_before: day || undefined })}
        />
      </label>
      <select
        aria-label={t("sort")}
        value={sortOf(search)}
        onChange={({ target }) => change({ sort: target.value as CasesSearch["sort"], order: undefined })}
      >
        <option value="due">{t("sortDue")}</option>
        <option value="opened">{t("sortOpened")}</option>
        <option value="updated">{t("sortUpdated")}</option>
      </select>
      {marks.map(([name, remove]) => (
        <span key={name} className={styles.applied}>
          {name}
          <button type="button" aria-label={t("remove", { filter: name })} onClick={remove}>
            ×
          </button>
        </span>
      ))}
      {isNarrowed && (
        <button type="button" className="tc-link" onClick={() => set({ open: "yes" })}>
          {all("clear")}
        </button>
      )}
    </search>
  );
}

interface Question {
  label: string;
  names: readonly [string, string, string];
  value: "yes" | "no" | undefined;
  choose: (value: "yes" | "no" | undefined) => void;
}

function YesNo({ label, names, value, choose }: Question) {
  return (
    <select
      aria-label={label}
      value={value ?? ""}
      onChange={({ target }) => choose((target.value || undefined) as Question["value"])}
    >
      <option value="">{names[0]}</option>
      <option value="yes">{names[1]}</option>
      <option value="no">{names[2]}</option>
    </select>
  );
}

function clean(search: { [Key in keyof CasesSearch]?: CasesSearch[Key] | undefined }): CasesSearch {
  return Object.fromEntries(
    Object.entries(search).filter(
      ([, value]) => value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0),
    ),
  ) as CasesSearch;
}
