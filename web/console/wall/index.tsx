import { Empty } from "@shared/parts";
import { useWallWords } from "./words";

export function Screen() {
  const t = useWallWords();
  return (
    <>
      <h1>{t("title")}</h1>
      <Empty />
    </>
  );
}
