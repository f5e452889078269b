import { expect, test } from "vitest";
import { type BacktestPart, found, joined, type Rule } from "./book";

const rule: Rule = {
  code: "water_daily_mean_exceedance",
  level: "red",
  stated: true,
  name: { zh: "废水日均值超标", en: "Daily mean of waste water exceeds" },
  when: "",
  source: "",
};

test("a rule is found by all words of its code or names", () => {
  expect(found([rule], "日均值 WATER")).toEqual([rule]);
  expect(found([rule], "小时")).toEqual([]);
  expect(found([rule], undefined)).toEqual([rule]);
});

test("the parts of a test on the past come to the whole", () => {
  const row = { white: 1, yellow: 0, red: 2, refused: 0 };
  const part = (next_since: string | null): BacktestPart => ({
    alerts: 9,
    table: { white: row, yellow: row, red: row },
    added_visits: -1,
    changed: 2,
    changed_alerts: [],
    next_since,
    remaining: next_since === null ? 0 : 9,
  });
  const whole = joined(joined(null, part("2026-11-02T00:00:00+08:00")), part(null));
  expect([whole.alerts, whole.changed, whole.added_visits, whole.remaining]).toEqual([18, 4, -2, 0]);
  expect(whole.table.yellow).toEqual({ white: 2, yellow: 0, red: 4, refused: 0 });
  expect(whole.next_since).toBeNull();
});
