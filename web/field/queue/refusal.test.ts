import { expect, test } from "vitest";
import { withNames } from "./refusal";

const nameOf = (field: string) => (field === "findings" ? "检查发现" : undefined);

test("a refusal calls a field as its form does", () => {
  expect(withNames("findings：最多 10000 个字符", nameOf)).toBe("检查发现：最多 10000 个字符");
  expect(withNames("matters.0.findings：最多 10000 个字符；other：须为 1", nameOf)).toBe(
    "检查发现：最多 10000 个字符；other：须为 1",
  );
  expect(withNames("案件现为“待审核”：findings 已提交", nameOf)).toBe("案件现为“待审核”：findings 已提交");
});
