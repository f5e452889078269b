import { expect, test } from "vitest";
import { found, type Rule } from "./book";

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
