import { expect, test } from "vitest";
import { plain, plainText } from "./plain";

test("a sign that turns the direction round is spelled out, one without width is left out", () => {
  expect(plainText("照片\u202egnp.exe")).toBe("照片⟨U+202E⟩gnp.exe");
  expect(plainText("\ufeff深圳\u200b某厂")).toBe("深圳某厂");
  expect(plainText("第二分公司")).toBe("第二分公司");
});

test("every text of an answer is, and nothing else of it is touched", () => {
  const blob = new Blob();
  const answer = { items: [{ name: "a\u2066b", count: 1, none: null, blob }] };
  expect(plain(answer)).toEqual({ items: [{ name: "a⟨U+2066⟩b", count: 1, none: null, blob }] });
  expect(plain(answer).items[0]?.blob).toBe(blob);
});
