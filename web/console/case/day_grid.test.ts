import { expect, test } from "vitest";
import { lastDay, weeks } from "./day_grid";

const because = { zh: "工作日", en: "a working day" };

test("midnight is the end of the day before", () => {
  expect(lastDay("2026-02-28T00:00:00+08:00")).toBe("2026-02-27");
  expect(lastDay("2026-02-27T18:00:00+08:00")).toBe("2026-02-27");
});

test("the spring festival is laid out on whole weeks with its counted days", () => {
  const days = [
    { date: "2026-02-13", counted: false, number: null, reason: because },
    { date: "2026-02-14", counted: true, number: 1, reason: because },
    { date: "2026-02-15", counted: false, number: null, reason: because },
    { date: "2026-02-27", counted: true, number: 5, reason: because },
  ];
  const rows = weeks(days, "2026-02-28T00:00:00+08:00", Date.parse("2026-02-14T10:00:00+08:00"));
  expect(rows).toHaveLength(3);
  expect(rows[0]?.[0]?.date).toBe("2026-02-09");
  expect(rows[0]?.map((square) => square.kind)).toEqual([
    "outside",
    "outside",
    "outside",
    "outside",
    "skipped",
    "counted",
    "skipped",
  ]);
  expect(rows[0]?.[5]).toMatchObject({ number: 1, isToday: true });
  expect(rows[2]?.find((square) => square.isDue)).toMatchObject({ date: "2026-02-27", number: 5 });
});

test("hours have no days to lay out", () => {
  expect(weeks([], "2026-02-28T00:00:00+08:00", 0)).toEqual([]);
});
