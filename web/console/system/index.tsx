import { Empty } from "@shared/parts";
import { useSystemWords } from "./words";

export function Screen() {
  const t = useSystemWords();
  return (
    <>
      <h1>{t("title")}</h1>
      <Empty />
    </>
  );
}
