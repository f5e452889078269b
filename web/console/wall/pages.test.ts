import { expect, test } from "vitest";
import { pageAt, pagesOf } from "./pages";

test("what does not fit comes round by itself", () => {
  expect([pagesOf(0, 9), pagesOf(9, 9), pagesOf(10, 9)]).toEqual([1, 1, 2]);
  expect([0, 12_000, 24_000].map((at) => pageAt(at, 12_000, 2))).toEqual([0, 1, 0]);
});
