import { expect, test } from "vitest";
import { allOf } from "./pages";

test("short and empty pages are gone on from until there is no next one", async () => {
  const pages = new Map([
    ["", { items: [1], next: "a" }],
    ["a", { items: [], next: "b" }],
    ["b", { items: [2, 3], next: null }],
  ]);
  const rows = await allOf(async ({ cursor = "" }) => pages.get(cursor) ?? { items: [], next: null });
  expect(rows).toEqual([1, 2, 3]);
});

test("a list without an end is left after so many pages", async () => {
  expect(await allOf(async () => ({ items: [1], next: "again" }), 3)).toEqual([1, 1, 1]);
});
