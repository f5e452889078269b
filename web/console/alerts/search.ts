import type { RawSearch } from "@shared/search";

/** The filters that stand in the address. */
export function search(_: RawSearch) {
  return {};
}
