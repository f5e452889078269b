import { Empty } from "@shared/parts";
import { useMeWords } from "./words";

export function Screen() {
  const t = useMeWords();
  return (
    <>
      <h1>{t("title")}</h1>
      <Empty />
    </>
  );
}
