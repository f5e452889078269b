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
  /** Who has no use for it: the services would refuse them. */
  notFor?: readonly Role[];
}

export const PLACES: readonly Place[] = [
  { to: "/board", name: "board", sign: "◫", key: "b" },
  { to: "/work", name: "work", sign: "☑", key: "w" },
  { to: "/cases", name: "cases", sign: "☰", key: "c" },
  { to: "/alerts", name: "alerts", sign: "△", key: "a", notFor: ["officer"] },
  { to: "/map", name: "map", sign: "◎", key: "m" },
  { to: "/station", name: "station", sign: "▦", key: "s", notFor: ["officer"] },
  { to: "/figures", name: "figures", sign: "▤", key: "f", notFor: ["officer"] },
  { to: "/rules", name: "rules", sign: "§", key: "r", notFor: ["officer"] },
  { to: "/calendar", name: "calendar", sign: "▥", key: "k", notFor: ["officer"] },
  { to: "/dead-letters", name: "deadLetters", sign: "✉", key: "d", notFor: ["officer", "station_chief"] },
  { to: "/system", name: "system", sign: "⚙", key: "y", notFor: ["officer"] },
];

/** The screens that someone of a role is offered. */
export function placesOf(role: Role | undefined): readonly Place[] {
  return PLACES.filter(({ notFor = [] }) => role !== undefined && !notFor.includes(role));
}
