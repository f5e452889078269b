import { Empty } from "@shared/parts";
import { useStationWords } from "./words";

export function Screen() {
  const t = useStationWords();
  return (
    <>
      <h1>{t("title")}</h1>
      <Empty />
    </>
  );
}
