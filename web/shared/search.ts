import { withoutSigns } from "./api/plain";
import { inShanghai, isDay } from "./clock/shanghai";

/** What stands in an address's query: filters as plain text, lists as repeated parameters. */
export type RawSearch = Record<string, string | string[]>;

export function parseSearch(query: string): RawSearch {
  const raw: RawSearch = {};
  for (const [name, given] of new URLSearchParams(query)) {
    const value = withoutSigns(given);
    const before = raw[name];
    raw[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return raw;
}

export function stringifySearch(search: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined && one !== null && one !== "" && one !== false) query.append(name, String(one));
  return query.size === 0 ? "" : `?${query}`;
}

/** One text; undefined where there is none. */
export function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value || undefined;
}

/** All texts of a repeated parameter, those of `known` if given; undefined where there are none. */
export function many<Known extends string = string>(
  value: string | string[] | undefined,
  known?: readonly Known[],
): Known[] | undefined {
  const all = (value === undefined ? [] : Array.isArray(value) ? value : [value]) as Known[];
  const kept = known === undefined ? all : all.filter((text) => known.includes(text));
  return kept.length === 0 ? undefined : kept;
}

/** Whether it is asked for; undefined where it is not. The router gives back what was read before, too. */
export function flag(value: string | string[] | true | undefined): true | undefined {
  return value === true || one(value) === "true" ? true : undefined;
}

/** A day, also where another screen's link has an instant: at its start, or just after its end; else undefined. */
export function day(value: string | string[] | undefined, isEnd = false): string | undefined {
  const given = one(value) ?? "";
  if (isDay(given)) return given;
  const instant = isDay(given.slice(0, 10)) ? Date.parse(given) - (isEnd ? 1 : 0) : Number.NaN;
  return Number.isNaN(instant) ? undefined : inShanghai(instant).slice(0, 10);
}
