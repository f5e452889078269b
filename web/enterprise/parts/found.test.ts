import { expect, test } from "vitest";
import { foundIn } from "./found";

test("an event without a name is called by its number", () => {
  const found = foundIn({
    event: {
      data: { outlet: { mn: "A1" }, pollutant: { code: "w01018" }, observed: 122, limit: 80, unit: "mg/L" },
    },
  });
  expect(found).toMatchObject({ outlet: "A1", pollutant: "w01018", observed: "122 mg/L", limit: "80 mg/L" });
});

test("what an event does not say is left blank", () => {
  expect(foundIn({ event: {} })).toEqual({ outlet: "", pollutant: "", observed: "", limit: "", window: {} });
});
