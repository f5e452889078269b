import { dayAfter } from "@shared/clock/shanghai";
import { day, many, one, type RawSearch } from "@shared/search";
import { LEVELS, type Level, STATES } from "@shared/words";

const KINDS = ["self_report", "on_site", "verification", "follow_up", "marking"] as const;
export const AWAITS = ["team", "answer", "review", "day", "other"] as const;
const SORTS = ["due", "opened", "updated"] as const;
type Answer = "yes" | "no";

/** The filters of the list of cases, as they stand in the address. Days are Shanghai's, both ends counted. */
export interface CasesSearch {
  q?: string;
  level?: Level[];
  state?: string[];
  kind?: string[];
  station?: string[];
  category?: string[];
  enterprise?: string;
  officer?: string;
  outcome?: string[];
  rung?: string[];
  /** What has to happen next. */
  awaits?: string[];
  open?: Answer | "any";
  overdue?: Answer;
  handled?: Answer;
  finished?: Answer;
  on_time?: Answer;
  provisional?: Answer;
  due_after?: string;
  due_before?: string;
  opened_since?: string;
  opened_until?: string;
  closed_since?: string;
  closed_until?: string;
  /** Without those superseded by another case: as figures count. */
  counted?: Answer;
  /** Opened in this hour of a day. */
  hour?: string;
  sort?: (typeof SORTS)[number];
  order?: "asc" | "desc";
}

const HOUR = /^(\d|1\d|2[0-3])$/;

function answer(value: string | string[] | undefined): Answer | undefined {
  const given = one(value);
  if (given === "true") return "yes";
  if (given === "false") return "no";
  return given === "yes" || given === "no" ? given : undefined;
}

/** Without any filter one sees what is open: of what was ever closed there are millions. */
export function search(raw: RawSearch): CasesSearch {
  const found = {
    q: one(raw.q),
    level: many(raw.level, LEVELS),
    state: many(raw.state, STATES),
    kind: many(raw.kind, KINDS),
    station: many(raw.station),
    category: many(raw.category),
    enterprise: one(raw.enterprise),
    officer: one(raw.officer),
    outcome: many(raw.outcome),
    rung: many(raw.rung, ["station_chief", "section", "leader"]),
    awaits: many(raw.awaits, AWAITS),
    open: one(raw.open) === "any" ? ("any" as const) : answer(raw.open),
    overdue: answer(raw.overdue),
    handled: answer(raw.handled),
    finished: answer(raw.finished),
    on_time: answer(raw.on_time),
    provisional: answer(raw.provisional),
    due_after: day(raw.due_after),
    due_before: day(raw.due_before, true),
    opened_since: day(raw.opened_since),
    opened_until: day(raw.opened_until, true),
    closed_since: day(raw.closed_since),
    closed_until: day(raw.closed_until, true),
    counted: answer(raw.counted),
    hour: HOUR.test(one(raw.hour) ?? "") ? one(raw.hour) : undefined,
    sort: SORTS.find((known) => known === one(raw.sort)),
    order: (["asc", "desc"] as const).find((known) => known === one(raw.order)),
  };
  const given = Object.entries(found).filter(([, value]) => value !== undefined);
  return given.length === 0 ? { open: "yes" } : (Object.fromEntries(given) as CasesSearch);
}

/** Which order counts where none is asked for: what is open by its deadline, else the latest first. */
export function sortOf(search: CasesSearch): NonNullable<CasesSearch["sort"]> {
  return search.sort ?? (search.open === "yes" || search.overdue === "yes" ? "due" : "opened");
}

/** The parameters of the service for a table of what these filters list: it has an order of its own. */
export function exportOf(search: CasesSearch): Record<string, unknown> {
  const { sort: _, order: __, ...filters } = parametersOf(search);
  return filters;
}

/** The parameters of the service for these filters: what is due at midnight is due on the day that ends there. */
export function parametersOf(search: CasesSearch): Record<string, unknown> {
  return {
    ...search,
    sort: sortOf(search),
    open: search.open === "any" ? undefined : yes(search.open),
    overdue: yes(search.overdue),
    handled: yes(search.handled),
    finished: yes(search.finished),
    on_time: yes(search.on_time),
    provisional: yes(search.provisional),
    counted: yes(search.counted),
    due_after: start(search.due_after, 0, 1),
    due_before: start(search.due_before, 1, 1),
    opened_since: start(search.opened_since, 0, 0),
    opened_until: start(search.opened_until, 1, 0),
    closed_since: start(search.closed_since, 0, 0),
    closed_until: start(search.closed_until, 1, 0),
  };
}

function yes(answer: Answer | undefined): boolean | undefined {
  return answer === undefined ? undefined : answer === "yes";
}

function start(day: string | undefined, later: number, second: 0 | 1): string | undefined {
  if (day === undefined) return undefined;
  const date = dayAfter(day, later);
  return `${date}T00:00:0${second}+08:00`;
}
