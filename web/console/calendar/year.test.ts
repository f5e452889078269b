import { expect, test } from "vitest";
import { datesIn, monthsOf, type YearAnswer } from "./year";

const year: YearAnswer = {
  year: 2026,
  version: "1",
  published: true,
  notice: null,
  days_off: { 国庆节: ["2026-10-01"] },
  make_up_days: { 国庆节: ["2026-10-10"] },
  local_days_off: { "2026-09-22": { name: "台风" } },
  by_next_notice: { days_off: {}, make_up_days: {} },
  end_published: false,
};

test("a year is counted as the calendar says", () => {
  const months = monthsOf(year);
  const kind = (date: string) => months.flatMap((one) => one.days).find((one) => one.date === date)?.kind;
  expect(kind("2026-10-01")).toBe("off");
  expect(kind("2026-10-10")).toBe("makeUp"); // a Saturday
  expect(kind("2026-09-22")).toBe("local");
  expect(kind("2026-11-28")).toBe("off"); // a Saturday
  expect(kind("2026-11-30")).toBe("working");
  expect(months[10]?.before).toBe(6); // November 2026 begins on a Sunday
});

test("dates are read from lines and lists", () => {
  expect(datesIn("2027-01-01\n2027-01-02，2027-01-03 x")).toEqual(["2027-01-01", "2027-01-02", "2027-01-03"]);
});
