import { Empty } from "@shared/parts";
import { useVisitWords } from "./words";

export function Screen() {
  const t = useVisitWords();
  return (
    <>
      <h1>{t("title")}</h1>
      <Empty />
    </>
  );
}
