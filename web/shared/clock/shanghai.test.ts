import { expect, test } from "vitest";
import { dayAfter, inShanghai, instantOf, isDay, momentOf } from "./shanghai";

test("an instant is told in Shanghai's time", () => {
  expect(inShanghai(Date.parse("2026-11-29T23:30:59Z"))).toBe("2026-11-30T07:30:59");
});

test("a moment is Shanghai's, on any device", () => {
  expect(momentOf(Date.parse("2026-11-29T10:30:59+08:00"))).toBe("2026-11-29T10:30");
  expect(instantOf("2026-11-29T10:30")).toBe("2026-11-29T10:30:00+08:00");
  expect(instantOf("")).toBeUndefined();
});

test("days are counted over the ends of months and years", () => {
  expect(dayAfter("2026-12-31", 1)).toBe("2027-01-01");
  expect(dayAfter("2026-03-01", -1)).toBe("2026-02-28");
});

test("a day is one that there is", () => {
  expect(["2026-11-29", "2028-02-29", "1999-12-31"].filter(isDay)).toHaveLength(3);
  for (const text of ["2026-99-99", "2026-02-30", "2027-02-29", "0000-01-01", "9999-12-31", "20261129", ""])
    expect(isDay(text)).toBe(false);
});
