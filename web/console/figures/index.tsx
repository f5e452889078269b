import { Empty } from "@shared/parts";
import { useFiguresWords } from "./words";

export function Screen() {
  const t = useFiguresWords();
  return (
    <>
      <h1>{t("title")}</h1>
      <Empty />
    </>
  );
}
