import { expect, test } from "vitest";
import { casesOf, isTurned, parametersOf, search } from "./search";

test("the last day of a period is counted", () => {
  expect(parametersOf(search({ from: "2026-11-01", until: "2026-11-30" }))).toMatchObject({
    until: "2026-12-01",
  });
});

test("a period that ends before it begins is not asked for; a single day is", () => {
  expect(isTurned(search({ from: "2026-12-31", until: "2026-12-01" }))).toBe(true);
  expect(isTurned(search({ from: "2026-12-31", until: "2026-12-31" }))).toBe(false);
  expect(isTurned(search({ from: "2026-12-31" }))).toBe(false);
});

test("a figure leads to the list of its cases, by whole days", () => {
  const question = new URLSearchParams([
    ["counted", "true"],
    ["opened_since", "2026-11-01T00:00:00+08:00"],
    ["opened_until", "2026-12-01T00:00:00+08:00"],
    ["level", "red"],
    ["level", "yellow"],
  ]).toString();
  expect(casesOf(question)).toEqual({
    counted: ["true"],
    opened_since: ["2026-11-01"],
    opened_until: ["2026-11-30"],
    level: ["red", "yellow"],
  });
});

test("what is not known is left out", () => {
  expect(search({ period: "decade", by: "mood", from: "20261101", until: "2026-99-99" })).toEqual({});
});
