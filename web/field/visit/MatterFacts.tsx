import { reasonText, unitName } from "@shared/found/found";
import { speak, useLanguage } from "@shared/language";
import type { Matter } from "../device/known";
import { Due } from "../parts/Due";
import { excess } from "./matters";
import { useVisitWords } from "./words";

/** What was found, where, by how much, and why it was graded so. */
export function MatterFacts({ matter, withDue = false }: { matter: Matter; withDue?: boolean }) {
  const spoken = useLanguage();
  const say = speak(spoken);
  const t = useVisitWords();
  const above = excess(matter);
  const unit = unitName(matter.unit);
  return (
    <dl className="field-facts">
      <div>
        <dt>{t("what")}</dt>
        <dd>{say(matter.category)}</dd>
      </div>
      {matter.observed !== null && (
        <div>
          <dt>{matter.pollutant?.name ?? matter.pollutant?.code ?? t("observed")}</dt>
          <dd>
            <b className="field-observed">
              {matter.observed} {unit}
            </b>{" "}
            {above !== null && <b className="field-excess">{t("above", { share: above })}</b>}
            {matter.limit !== null && <small>{t("limit", { limit: matter.limit, unit })}</small>}
          </dd>
        </div>
      )}
      {matter.outlet && (
        <div>
          <dt>{t("outlet")}</dt>
          <dd>
            {matter.outlet.name} {matter.outlet.code}
            <small className="field-quiet">MN {matter.outlet.mn}</small>
          </dd>
        </div>
      )}
      {matter.reason && (
        <div>
          <dt>{t("reason")}</dt>
          <dd>{reasonText(say(matter.reason))}</dd>
        </div>
      )}
      {withDue && (
        <div>
          <dt>{t("due")}</dt>
          <dd>
            <Due at={matter.due_at} text={matter.due_text} />
            {matter.provisional && <small className="field-quiet">{t("provisional")}</small>}
          </dd>
        </div>
      )}
    </dl>
  );
}
