import { Empty } from "@shared/parts";
import { useTodayWords } from "./words";

export function Screen() {
  const t = useTodayWords();
  return (
    <>
      <h1>{t("title")}</h1>
      <Empty />
    </>
  );
}
