import { expect, test } from "vitest";
import { parametersOf, search } from "./search";

test("what is due today ends at this midnight, and not at the one before", () => {
  const { due_after, due_before } = parametersOf({ due_after: "2026-12-08", due_before: "2026-12-08" });
  expect([due_after, due_before]).toEqual(["2026-12-08T00:00:01+08:00", "2026-12-09T00:00:01+08:00"]);
});

test("without a filter one sees what is open, by its deadline", () => {
  expect(search({})).toEqual({ open: "yes" });
  expect(parametersOf({ open: "yes" })).toMatchObject({ open: true, sort: "due" });
  expect(parametersOf({ open: "any" })).toMatchObject({ open: undefined, sort: "opened" });
});

test("filters of other screens' links are understood, nonsense is left out", () => {
  expect(
    search({
      overdue: "true",
      handled: "perhaps",
      level: ["red", "green"],
      opened_since: "2026-12-01T00:00:00+08:00",
    }),
  ).toEqual({ overdue: "yes", level: ["red"], opened_since: "2026-12-01" });
});

test("what a figure counted is what its link lists", () => {
  const raw = {
    counted: "true",
    opened_since: "2026-12-01T00:00:00+08:00",
    opened_until: "2027-01-01T00:00:00+08:00",
  };
  expect(search(raw)).toEqual({ counted: "yes", opened_since: "2026-12-01", opened_until: "2026-12-31" });
  expect(parametersOf(search(raw))).toMatchObject({
    counted: true,
    opened_since: "2026-12-01T00:00:00+08:00",
    opened_until: "2027-01-01T00:00:00+08:00",
  });
});

test("a day that there is not is left out of what the address asks", () => {
  expect(search({ due_after: "2026-99-99", due_before: "2026-12-08" })).toEqual({ due_before: "2026-12-08" });
  expect(search({ due_after: "2026-99-99" })).toEqual({ open: "yes" });
});
