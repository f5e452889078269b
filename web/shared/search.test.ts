import { expect, test } from "vitest";
import { day, flag, many, one, parseSearch, stringifySearch } from "./search";

test("filters come back from the address as they were put there", () => {
  const search = { q: "华兴 & 电镀", level: ["red", "yellow"], overdue: true, station: undefined, sort: "" };
  const raw = parseSearch(stringifySearch(search));
  expect(one(raw.q)).toBe("华兴 & 电镀");
  expect(many(raw.level, ["red", "yellow", "white"])).toEqual(["red", "yellow"]);
  expect(flag(raw.overdue)).toBe(true);
  expect(raw.station).toBeUndefined();
  expect(raw.sort).toBeUndefined();
});

test("what is not known is left out", () => {
  const raw = parseSearch("?level=purple&level=red&overdue=perhaps");
  expect(many(raw.level, ["red", "yellow", "white"])).toEqual(["red"]);
  expect(flag(raw.overdue)).toBeUndefined();
});

test("a flag that was read stays one when the router reads it again", () => {
  expect(flag("true")).toBe(true);
  expect(flag(flag("true"))).toBe(true);
  expect(flag("no")).toBeUndefined();
});

test("a day is taken, also out of an instant; what is no day is left out", () => {
  expect(day("2026-11-29")).toBe("2026-11-29");
  expect(day("2026-11-29T20:00:00Z")).toBe("2026-11-30");
  expect(day("2026-12-01T00:00:00+08:00", true)).toBe("2026-11-30");
  for (const text of ["2026-99-99", "2026-02-30", "9999-12-31", "2026-11-29Tnoon", "1", "", undefined])
    expect(day(text)).toBeUndefined();
});
