import { Empty } from "@shared/parts";
import { useWorkWords } from "./words";

export function Screen() {
  const t = useWorkWords();
  return (
    <>
      <h1>{t("title")}</h1>
      <Empty />
    </>
  );
}
