import { Empty } from "@shared/parts";
import { useQueueWords } from "./words";

export function Screen() {
  const t = useQueueWords();
  return (
    <>
      <h1>{t("title")}</h1>
      <Empty />
    </>
  );
}
