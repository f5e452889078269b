import { expect, test } from "vitest";
import { daysOf, weekAfter, weekOf } from "./weeks";

test("a week is of the year that its Thursday is of", () => {
  expect(weekOf("2026-11-30")).toBe("2026-W49");
  expect(weekOf("2027-01-03")).toBe("2026-W53");
  expect(weekOf("2027-01-04")).toBe("2027-W01");
  expect(weekOf("2024-12-30")).toBe("2025-W01");
});

test("its days are from Monday to Sunday", () => {
  expect(daysOf("2026-W49")).toEqual([
    "2026-11-30",
    "2026-12-01",
    "2026-12-02",
    "2026-12-03",
    "2026-12-04",
    "2026-12-05",
    "2026-12-06",
  ]);
  expect(daysOf("2026-W53")[0]).toBe("2026-12-28");
});

test("one goes from week to week over the new year", () => {
  expect(weekAfter("2026-W53", 1)).toBe("2027-W01");
  expect(weekAfter("2027-W01", -1)).toBe("2026-W53");
});
