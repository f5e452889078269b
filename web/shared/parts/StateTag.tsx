import { useLanguage } from "@shared/language";
import { stateName } from "@shared/words";
import { usePartWords } from "./words";

interface Stated {
  state: string;
  kind?: string | null;
  overdue?: boolean;
}

/** What a case stands at; that it is overdue is said beside it. */
export function StateTag({ state, kind, overdue = false }: Stated) {
  const spoken = useLanguage();
  const t = usePartWords();
  return (
    <span className="tc-state">
      {stateName(state, spoken, kind)}
      {overdue && <strong className="tc-overdue">{t("overdue")}</strong>}
    </span>
  );
}
