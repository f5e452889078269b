import { describe, expect, test } from "vitest";
import { draftOf, emptyDraft, faultsOfDraft, reportBody, withPhrase } from "./draft";
import { bodyOf, faultsOf, outcomesFor } from "./outcomes";
import { isSmallEnough, reducedSize, SMALL_BYTES } from "./photo_size";
import { phrasesFor } from "./phrases";

const TODAY = "2026-03-02";
const REPORT = { findings: "活性炭未更换", measures: "责令立即改正", outcome: "rectified", carried: {} };

describe("what a report must carry", () => {
  test.each([
    ["rectified", {}, []],
    ["order_to_correct", {}, ["correct_by"]],
    ["order_to_correct", { correct_by: "2026-03-01" }, ["correct_by_range"]],
    ["order_to_correct", { correct_by: "2027-03-03" }, ["correct_by_range"]],
    ["order_to_correct", { correct_by: "2026-03-02" }, []],
    ["observation_period", { correct_by: "2026-03-09" }, ["observe_until"]],
    ["exempt", { legal_basis: " " }, ["legal_basis"]],
    ["case_filed_for_penalty", {}, []],
    ["", {}, ["outcome"]],
  ])("%s with %o", (outcome, carried, faults) => {
    expect(faultsOf({ ...REPORT, outcome, carried }, TODAY)).toEqual(faults);
  });

  test("what the server would refuse as too long is not sent", () => {
    expect(faultsOf({ ...REPORT, findings: "查".repeat(10_001) }, TODAY)).toEqual(["too_long"]);
    const carried = { file_number: "号".repeat(65) };
    expect(faultsOf({ ...REPORT, carried }, TODAY)).toEqual([]);
    expect(faultsOf({ ...REPORT, outcome: "case_filed_for_penalty", carried }, TODAY)).toEqual(["too_long"]);
  });

  test("only what belongs to its outcome is sent", () => {
    const carried = { correct_by: "2026-03-09", file_number: "深环宝立〔2026〕12号", legal_basis: "x" };
    expect(bodyOf({ ...REPORT, outcome: "order_to_correct", carried })).toEqual({
      findings: "活性炭未更换",
      measures: "责令立即改正",
      outcome: "order_to_correct",
      correct_by: "2026-03-09",
    });
    expect(bodyOf({ ...REPORT, outcome: "case_filed_for_penalty", carried })).toMatchObject({
      file_number: "深环宝立〔2026〕12号",
    });
  });

  test("an untrue report is found by a verification, a false alarm on site", () => {
    const codes = (kind: string) => outcomesFor(kind).map((rule) => rule.code);
    expect(codes("verification")).toContain("report_untrue");
    expect(codes("on_site")).not.toContain("report_untrue");
    expect(codes("follow_up")).not.toContain("false_alarm");
  });
});

test("a matter that comes to something else has a report of its own", () => {
  const matter = { ...REPORT, caseId: "b", outcome: "exempt", carried: {} };
  const draft = { ...emptyDraft("a"), ...REPORT, matters: [matter] };
  expect(faultsOfDraft(draft, TODAY)).toEqual([{ caseId: "b", fault: "legal_basis" }]);
  const whole = { ...draft, matters: [{ ...matter, carried: { legal_basis: "轻微不罚清单第3项" } }] };
  expect(reportBody(whole, true)).toMatchObject({
    off_site: true,
    matters: [{ case_id: "b", outcome: "exempt", legal_basis: "轻微不罚清单第3项" }],
  });
});

test("a report that was returned is put right from what was sent", () => {
  const matter = { ...REPORT, caseId: "b", outcome: "exempt", carried: { legal_basis: "清单第3项" } };
  const draft = { ...emptyDraft("a"), ...REPORT, kept: ["1"], matters: [matter] };
  expect(draftOf("a", reportBody(draft, false))).toEqual(draft);
});

test("a phrase is a sentence of its own, and stands there once", () => {
  expect(withPhrase("", "企业正常生产。")).toBe("企业正常生产。");
  expect(withPhrase("药剂不足", "企业正常生产。")).toBe("药剂不足。企业正常生产。");
  expect(withPhrase("企业正常生产。", "企业正常生产。")).toBe("企业正常生产。");
});

test("phrases fit what was exceeded", () => {
  const of = (code: string) => phrasesFor([{ category: { code, zh: code, en: code } }]).findings.join("");
  expect(of("gas_daily_mean_exceedance")).toContain("活性炭");
  expect(of("data_missing")).toContain("数采仪");
  expect(of("data_missing")).not.toContain("活性炭");
});

test("a photograph is reduced by its longer edge, and a small one is not", () => {
  expect(reducedSize({ width: 4032, height: 3024 })).toEqual({ width: 2048, height: 1536 });
  expect(reducedSize({ width: 800, height: 600 })).toEqual({ width: 800, height: 600 });
  expect(isSmallEnough("image/jpeg", SMALL_BYTES, { width: 800, height: 600 })).toBe(true);
  expect(isSmallEnough("image/heic", 1000, { width: 800, height: 600 })).toBe(false);
});
