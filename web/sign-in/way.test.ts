import { expect, test } from "vitest";
import { comesBack, own, wanted } from "./way";

test("one is led back to where one was", () => {
  expect(wanted("?to=%2Fcases%3Flevel%3Dred%23x")).toBe("/cases?level=red#x");
});

test.each([
  null,
  "",
  "cases",
  "//evil.example/x",
  "/\\evil.example",
  "https://evil.example",
  "javascript:alert(1)",
  "/sign-in?to=/",
])("never to another host, nor round in circles: %s", (to) => {
  expect(own(to)).toBeUndefined();
});

test("the identity provider's answer is known by its state", () => {
  expect(comesBack("?code=1&state=2")).toBe(true);
  expect(comesBack("?error=access_denied&state=2")).toBe(true);
  expect(comesBack("?code=1")).toBe(false);
});
