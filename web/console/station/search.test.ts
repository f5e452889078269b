import { expect, test } from "vitest";
import { search } from "./search";

test("a week that its year does not have is left out", () => {
  expect(search({ week: "2026-W53" })).toEqual({ week: "2026-W53" });
  for (const week of ["2025-W53", "0000-W01", "9999-W52", "2026-49"]) expect(search({ week })).toEqual({});
});
