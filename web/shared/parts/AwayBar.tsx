import { useReach } from "@shared/api/reachable";
import { useLanguage } from "@shared/language";
import { instantText } from "./Time";
import { usePartWords } from "./words";

/** Says above an app that the services do not answer, and of when what is on the screen is. */
export function AwayBar() {
  const reach = useReach();
  const spoken = useLanguage();
  const t = usePartWords();
  return (
    <div role="status">
      {reach.away && (
        <div className="tc-bar tc-bar-warning">
          {t("away", { time: instantText(reach.lastAnswer, spoken) })}
        </div>
      )}
    </div>
  );
}
