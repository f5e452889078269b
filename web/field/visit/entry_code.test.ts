import { expect, test } from "vitest";
import { codeIn } from "./entry_code";

test("of an address the last part is the code", () => {
  expect(codeIn("https://example.com/gate/7K3Q-11/?from=qr#top")).toBe("7K3Q-11");
  expect(codeIn("  7K3Q-11\n")).toBe("7K3Q-11");
  expect(codeIn("７Ｋ３Ｑ")).toBe("7K3Q");
  expect(codeIn("https://")).toBe("");
});
