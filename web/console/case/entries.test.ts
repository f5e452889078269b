import { expect, test } from "vitest";
import { asItHappened, doubtfulArrivals, type Entry } from "./entries";

const arrived = (officer: string, detail: Record<string, unknown>): Entry => ({
  type: "cn.tricolor.case.arrived.v1",
  state: "on_site",
  at: "2026-03-02T09:00:00+08:00",
  claimed_at: null,
  actor_role: "officer",
  actor_subject: officer,
  reason: null,
  detail: { officer, ...detail },
});

test("a reviewer is shown who was far off or did not scan the code, by the last arrival of each", () => {
  const entries = [
    arrived("chen", { far: true, distance_metres: 5230.4, entry_check: "not_matched" }),
    arrived("li", { far: false, distance_metres: 12, entry_check: "matched" }),
    arrived("zhao", { entry_check: "not_scanned" }),
    arrived("wang", { far: true, distance_metres: 900, doubts: ["no_position"] }),
    arrived("wang", { far: false, distance_metres: 9, entry_check: "not_asked", doubts: [] }),
    arrived("wu", { entry_check: "not_asked", doubts: ["after_report", "no_position"] }),
  ];
  expect(doubtfulArrivals(entries)).toEqual([
    { officer: "chen", metres: 5230.4, entryCheck: "not_matched", doubts: [] },
    { officer: "zhao", metres: null, entryCheck: "not_scanned", doubts: [] },
    { officer: "wu", metres: null, entryCheck: null, doubts: ["after_report", "no_position"] },
  ]);
});

test("what was heard of late stands where it happened, and what happened at once stays in order", () => {
  const at = (instant: string, officer: string) => ({ ...arrived(officer, {}), at: instant });
  const entries = [
    at("2026-03-02T00:10:00+08:00", "chen"),
    at("2026-03-02T01:20:00.5+08:00", "li"),
    at("2026-03-02T01:20:00.5+08:00", "zhao"),
    at("2026-03-02T00:33:00+08:00", "wang"),
  ];
  expect(asItHappened(entries).map((entry) => entry.actor_subject)).toEqual(["chen", "wang", "li", "zhao"]);
});
