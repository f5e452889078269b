import { one, type RawSearch } from "@shared/search";

/** Which rules are looked for, of which version; without it the one in force. */
export interface RulesSearch {
  q?: string;
  version?: string;
}

export function search(raw: RawSearch): RulesSearch {
  const q = one(raw.q);
  const version = one(raw.version);
  return { ...(q !== undefined && { q }), ...(version !== undefined && { version }) };
}
