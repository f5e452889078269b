import { readRuleBook } from "@shared/api/generated/ingest";
import { answer } from "@shared/api/request";
import type { Bilingual } from "@shared/language/language";
import { useQuery } from "@tanstack/react-query";

interface Named {
  code: string;
  name: Bilingual;
}

interface Book {
  rules?: Named[];
  records?: Named[];
  upgrades?: Named[];
  fallback?: Named;
  facts?: (Bilingual & { name: string; unit?: string | null })[];
}

/** What the rules, categories and facts of the book in force are called. */
export function useBook() {
  const book = useQuery({
    queryKey: ["rule-book", "names"],
    queryFn: async () => (await answer(readRuleBook())) as Book,
    staleTime: 30 * 60_000,
  }).data;
  const rules = [
    ...(book?.rules ?? []),
    ...(book?.records ?? []),
    ...(book?.upgrades ?? []),
    ...(book?.fallback === undefined ? [] : [book.fallback]),
  ];
  return {
    /** The rules are red categories, too: most have the same code. */
    rules,
    rule: (code: string | null | undefined): Bilingual | undefined =>
      rules.find((one) => one.code === code)?.name,
    fact: (name: string) => book?.facts?.find((one) => one.name === name),
  };
}
