import { Empty } from "@shared/parts";
import { useCalendarWords } from "./words";

export function Screen() {
  const t = useCalendarWords();
  return (
    <>
      <h1>{t("title")}</h1>
      <Empty />
    </>
  );
}
