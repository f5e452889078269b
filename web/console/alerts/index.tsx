import { Empty } from "@shared/parts";
import { useAlertsWords } from "./words";

export function Screen() {
  const t = useAlertsWords();
  return (
    <>
      <h1>{t("title")}</h1>
      <Empty />
    </>
  );
}
