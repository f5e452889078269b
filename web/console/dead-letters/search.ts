import { one, type RawSearch } from "@shared/search";
import { SERVICES, type ServiceName } from "../parts/services";

export const LETTER_STATES = ["waiting", "retried", "discarded"] as const;

/** Whose letters are looked at, and in which state; without either, those that wait, of all services. */
export interface DeadLettersSearch {
  service?: ServiceName;
  state?: (typeof LETTER_STATES)[number];
}

export function search(raw: RawSearch): DeadLettersSearch {
  const service = SERVICES.find((known) => known === one(raw.service));
  const state = LETTER_STATES.find((known) => known === one(raw.state));
  return { ...(service !== undefined && { service }), ...(state !== undefined && { state }) };
}
