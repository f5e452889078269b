import { expect, test } from "vitest";
import { isSame, withEverybody, withNobody, withOfficer, withoutOfficer } from "./plan";

const MONDAY = "2026-11-30";

test("a day left out is another thing than a day with nobody", () => {
  const nobody = withNobody({}, MONDAY);
  expect(nobody).toEqual({ [MONDAY]: [] });
  expect(isSame(nobody, {})).toBe(false);
  expect(withEverybody(nobody, MONDAY)).toEqual({});
});

test("whoever is put on a day twice is on it once", () => {
  const plan = withOfficer(withOfficer({}, MONDAY, "b"), MONDAY, "a");
  expect(plan).toEqual({ [MONDAY]: ["a", "b"] });
  expect(withOfficer(plan, MONDAY, "a")).toBe(plan);
});

test("a day that the last one leaves has nobody", () => {
  expect(withoutOfficer({ [MONDAY]: ["a"] }, MONDAY, "a")).toEqual({ [MONDAY]: [] });
});

test("the order in which they are named says nothing", () => {
  expect(isSame({ [MONDAY]: ["b", "a"] }, { [MONDAY]: ["a", "b"] })).toBe(true);
});
