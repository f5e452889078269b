import * as scope from "@shared/api/generated/scope";
import { may } from "@shared/session/may";
import type { Role } from "@shared/words";

type PlaceName =
  | "board"
  | "cases"
  | "alerts"
  | "work"
  | "map"
  | "station"
  | "rules"
  | "calendar"
  | "figures"
  | "deadLetters"
  | "system";

type Address =
  | "/board"
  | "/cases"
  | "/alerts"
  | "/work"
  | "/map"
  | "/station"
  | "/rules"
  | "/calendar"
  | "/figures"
  | "/dead-letters"
  | "/system";

/** A screen of the navigation. `key` after `g` leads there. */
interface Place {
  to: Address;
  name: PlaceName;
  sign: string;
  key?: string;
  /** Who may read what it shows: the services refuse the others. */
  mayRead: readonly Role[];
  /** Who may, and has no use for it. */
  notFor?: readonly Role[];
}

export const PLACES: readonly Place[] = [
  { to: "/board", name: "board", sign: "◫", key: "b", mayRead: scope.readBoard },
  { to: "/work", name: "work", sign: "☑", key: "w", mayRead: scope.readWork },
  { to: "/cases", name: "cases", sign: "☰", key: "c", mayRead: scope.searchCases },
  { to: "/alerts", name: "alerts", sign: "△", key: "a", mayRead: scope.searchAlerts, notFor: ["officer"] },
  { to: "/map", name: "map", sign: "◎", key: "m", mayRead: scope.readMap },
  { to: "/station", name: "station", sign: "▦", key: "s", mayRead: scope.readRota, notFor: ["officer"] },
  { to: "/figures", name: "figures", sign: "▤", key: "f", mayRead: scope.readFigures, notFor: ["officer"] },
  { to: "/rules", name: "rules", sign: "§", key: "r", mayRead: scope.listRuleBooks },
  { to: "/calendar", name: "calendar", sign: "▥", key: "k", mayRead: scope.listCalendars },
  { to: "/dead-letters", name: "deadLetters", sign: "✉", key: "d", mayRead: scope.listDeadLetters },
  { to: "/system", name: "system", sign: "⚙", key: "y", mayRead: scope.readSystem },
];

/** The screens that someone of a role is offered. */
export function placesOf(role: Role | undefined): readonly Place[] {
  return PLACES.filter(
    ({ mayRead, notFor = [] }) => role !== undefined && may(role, mayRead) && !notFor.includes(role),
  );
}
