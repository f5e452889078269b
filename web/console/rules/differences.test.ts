import { expect, test } from "vitest";
import { byRule, written } from "./differences";

test("the changes of a rule stand together, and those of the policy by themselves", () => {
  const changes = [
    { where: "policy.severe_ratio", before: 2, after: 1.2 },
    { where: "rules.data_constant.when", before: "constant_hours >= 4", after: "constant_hours >= 6" },
    { where: "rules.data_constant.name.zh", before: "数据恒值", after: "数据恒定" },
    { where: "upgrades.third_yellow", before: { code: "third_yellow" }, after: null },
  ];
  expect(byRule(changes)).toEqual([
    { of: "policy", isRule: false, parts: [{ name: "severe_ratio", before: 2, after: 1.2 }] },
    {
      of: "data_constant",
      isRule: true,
      parts: [
        { name: "when", before: "constant_hours >= 4", after: "constant_hours >= 6" },
        { name: "name.zh", before: "数据恒值", after: "数据恒定" },
      ],
    },
    {
      of: "third_yellow",
      isRule: true,
      parts: [{ name: "", before: { code: "third_yellow" }, after: null }],
    },
  ]);
});

test("words are read as they are, the rest as it is written", () => {
  expect(written("constant_hours >= 4")).toBe("constant_hours >= 4");
  expect(written(["a", 1])).toBe('["a",1]');
});
