import { expect, test } from "vitest";
import { distanceText, mapLinks, metresBetween, platformOf, toGcj02 } from "./map_links";

const BAOAN = { longitude: 113.883, latitude: 22.555 };

test("a map app is given GCJ-02, which lies some 500 metres beside WGS 84", () => {
  const shifted = toGcj02(BAOAN);
  expect(metresBetween(BAOAN, shifted)).toBeGreaterThan(300);
  expect(metresBetween(BAOAN, shifted)).toBeLessThan(800);
  const [amap] = mapLinks(BAOAN, "深圳某某电子有限公司", "android");
  expect(amap?.href).toContain(`dlat=${shifted.latitude}&dlon=${shifted.longitude}`);
  expect(amap?.href).toContain("&dev=0");
});

test("each platform has its own map apps", () => {
  const apps = (platform: "android" | "ios") => mapLinks(BAOAN, "x", platform).map((link) => link.app);
  expect(apps("ios")).toContain("apple");
  expect(apps("android")).not.toContain("apple");
  expect(platformOf("Mozilla/5.0 (Linux; Android 14)")).toBe("android");
  expect(platformOf("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0)")).toBe("ios");
});

test("distances are said as people say them", () => {
  expect(distanceText(34)).toBe("30 m");
  expect(distanceText(1234)).toBe("1.2 km");
  expect(distanceText(45_678)).toBe("46 km");
});
