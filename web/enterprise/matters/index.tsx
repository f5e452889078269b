import { Empty } from "@shared/parts";
import { useMattersWords } from "./words";

export function Screen() {
  const t = useMattersWords();
  return (
    <>
      <h1>{t("title")}</h1>
      <Empty />
    </>
  );
}
