import { Empty } from "@shared/parts";
import { useMatterWords } from "./words";

export function Screen() {
  const t = useMatterWords();
  return (
    <>
      <h1>{t("title")}</h1>
      <Empty />
    </>
  );
}
