import { expect, test } from "vitest";
import { foundIn, measured, measuredBriefly, measuredIn, outletName, timesOver } from "./found";

const so2 = { pollutant: { code: "a21026", name: "二氧化硫" }, observed: 61.2, limit: 50, unit: "mg/m3" };

test("a measurement is written with its unit and its limit", () => {
  expect(measured(so2, "zh-CN")).toBe("二氧化硫 61.2 mg/m³，限值 50");
  expect(measured({ ...so2, observed: null }, "zh-CN")).toBe("二氧化硫");
});

test("times over the limit are counted of concentrations only", () => {
  expect(timesOver(so2)).toBe(0.22);
  expect(timesOver({ ...so2, unit: "pH" })).toBeNull();
  expect(timesOver({ ...so2, observed: 40 })).toBeNull();
});

test("an event of an alert is read like a row of a list", () => {
  const event = {
    data: { outlet: { mn: "A1" }, pollutant: { code: "w01018" }, observed: 122, limit: 80, unit: "ug/m3" },
  };
  expect(outletName(foundIn({ event }).outlet)).toBe("A1");
  expect(measuredBriefly(measuredIn({ event }))).toBe("w01018 122\u00a0/\u00a080\u00a0μg/m³");
  expect(measuredIn({ event: {} })).toEqual({ pollutant: null, observed: null, limit: null, unit: null });
});
