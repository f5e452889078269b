import { expect, test } from "vitest";
import { nameAmong } from "./names";

const OFFICERS = [
  { code: "xinan-04", name: "陈伟" },
  { code: "xinan-05", name: "陈伟" },
  { code: "xinan-06", name: "林雅婷" },
];

test("two of one name are told apart by their codes", () => {
  expect(OFFICERS.map(({ code }) => nameAmong(OFFICERS, code))).toEqual([
    "陈伟 xinan-04",
    "陈伟 xinan-05",
    "林雅婷",
  ]);
});

test("who stands twice in a list is still one person, and who is unknown keeps the code", () => {
  expect(nameAmong([...OFFICERS, ...OFFICERS], "xinan-06")).toBe("林雅婷");
  expect(nameAmong(OFFICERS, "fuhai-01")).toBe("fuhai-01");
});
