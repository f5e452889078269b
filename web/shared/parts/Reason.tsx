import { speak, useLanguage } from "@shared/language";
import type { Bilingual } from "@shared/language/language";
import { usePartWords } from "./words";

interface Graded {
  reason: Bilingual | null | undefined;
  observed?: number | null;
  limit?: number | null;
  unit?: string | null;
}

/** Why an alert has its level: the services' reason, and what was measured against which limit. */
export function Reason({ reason, observed, limit, unit }: Graded) {
  const say = speak(useLanguage());
  const t = usePartWords();
  return (
    <span className="tc-reason">
      {say(reason)}
      {observed != null && limit != null && (
        <span className="tc-quiet"> {t("observed", { observed, limit, unit: unit ? ` ${unit}` : "" })}</span>
      )}
    </span>
  );
}
