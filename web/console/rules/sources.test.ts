import { expect, test } from "vitest";
import { sourceText } from "./sources";

test("a source is said in Chinese, clause by clause; what is not known stays as it was written", () => {
  const source = "HJ 75-2017; Air Pollution Prevention Law; 市局规定";
  expect(sourceText(source, "zh-CN")).toBe("HJ 75-2017；《大气污染防治法》；市局规定");
  expect(sourceText(source, "en")).toBe(source);
});
