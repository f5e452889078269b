import { expect, test } from "vitest";
import { flag, many, one, parseSearch, stringifySearch } from "./search";

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
