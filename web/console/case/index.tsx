import { Empty } from "@shared/parts";
import { useCaseWords } from "./words";

export function Screen() {
  const t = useCaseWords();
  return (
    <>
      <h1>{t("title")}</h1>
      <Empty />
    </>
  );
}
