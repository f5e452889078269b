/** The differences between two books, rule by rule: what the service lists by the place in the book. */
import { LEVELS, type Level } from "@shared/words";

export interface Change {
  /** The place in the book, `rules.CODE.when`; of a rule that is new or gone only `rules.CODE`. */
  where: string;
  before: unknown;
  after: unknown;
}

export interface Difference {
  /** The code of the rule; of what belongs to no rule (a limit of the policy, …) the part of the book. */
  of: string;
  isRule: boolean;
  parts: { name: string; before: unknown; after: unknown }[];
}

const OF_RULES = new Set(["rules", "records", "upgrades"]);

/** The changes of each rule together, in the order of the book. */
export function byRule(changes: readonly Change[]): Difference[] {
  const found = new Map<string, Difference>();
  for (const { where, before, after } of changes) {
    const [part = "", ...rest] = where.split(".");
    const isRule = OF_RULES.has(part) && rest.length > 0;
    const of = isRule ? (rest[0] ?? "") : part;
    const difference = found.get(`${part} ${of}`) ?? { of, isRule, parts: [] };
    difference.parts.push({ name: rest.slice(isRule ? 1 : 0).join("."), before, after });
    found.set(`${part} ${of}`, difference);
  }
  return [...found.values()];
}

/** A value of a book, as it is read: words as they are, what is made of parts as it is written. */
export function written(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function isLevel(value: unknown): value is Level {
  return LEVELS.some((level) => level === value);
}
