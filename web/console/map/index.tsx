import { Empty } from "@shared/parts";
import { useMapWords } from "./words";

export function Screen() {
  const t = useMapWords();
  return (
    <>
      <h1>{t("title")}</h1>
      <Empty />
    </>
  );
}
