import { Empty } from "@shared/parts";
import { useNoticesWords } from "./words";

export function Screen() {
  const t = useNoticesWords();
  return (
    <>
      <h1>{t("title")}</h1>
      <Empty />
    </>
  );
}
