import { expect, test } from "vitest";
import { KeySequence } from "./keys";

const known = ["g b", "g c", "/", "b"];

test("keys are understood alone and one after the other", () => {
  const keys = new KeySequence();
  expect(keys.press("/", known, 0)).toBe("/");
  expect(keys.press("g", known, 100)).toBeUndefined();
  expect(keys.press("b", known, 200)).toBe("g b");
  expect(keys.press("b", known, 300)).toBe("b");
});

test("a first key is forgotten after a while, and by a key that does not go with it", () => {
  const keys = new KeySequence();
  keys.press("g", known, 0);
  expect(keys.press("c", known, 5000)).toBeUndefined();
  keys.press("g", known, 6000);
  expect(keys.press("x", known, 6100)).toBeUndefined();
  expect(keys.press("c", known, 6200)).toBeUndefined();
});
