import { Empty } from "@shared/parts";
import { useRulesWords } from "./words";

export function Screen() {
  const t = useRulesWords();
  return (
    <>
      <h1>{t("title")}</h1>
      <Empty />
    </>
  );
}
