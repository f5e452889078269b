import { Empty } from "@shared/parts";
import { useShutdownsWords } from "./words";

export function Screen() {
  const t = useShutdownsWords();
  return (
    <>
      <h1>{t("title")}</h1>
      <Empty />
    </>
  );
}
