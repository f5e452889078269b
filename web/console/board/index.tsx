import { Empty } from "@shared/parts";
import { useBoardWords } from "./words";

export function Screen() {
  const t = useBoardWords();
  return (
    <>
      <h1>{t("title")}</h1>
      <Empty />
    </>
  );
}
