import { Empty } from "@shared/parts";
import { useDeadLettersWords } from "./words";

export function Screen() {
  const t = useDeadLettersWords();
  return (
    <>
      <h1>{t("title")}</h1>
      <Empty />
    </>
  );
}
