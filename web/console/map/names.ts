import type { Bilingual } from "@shared/language/language";

const text = (zh: string, en: string): Bilingual => ({ zh, en });

/** What lies around the district, so that one knows where one is: roughly where its name may stand. */
export const AROUND: readonly { name: Bilingual; at: [number, number] }[] = [
  { name: text("珠江口", "Pearl River Estuary"), at: [113.745, 22.625] },
  { name: text("东莞", "Dongguan"), at: [113.785, 22.815] },
  { name: text("光明区", "Guangming"), at: [113.912, 22.765] },
  { name: text("龙华区", "Longhua"), at: [113.985, 22.715] },
  { name: text("南山区", "Nanshan"), at: [113.95, 22.575] },
];
