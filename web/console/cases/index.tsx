import { Empty } from "@shared/parts";
import { useCasesWords } from "./words";

export function Screen() {
  const t = useCasesWords();
  return (
    <>
      <h1>{t("title")}</h1>
      <Empty />
    </>
  );
}
