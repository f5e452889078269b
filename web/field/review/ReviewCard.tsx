import { useLanguage } from "@shared/language";
import { instantText } from "@shared/parts";
import type { Standing } from "../acts/acts";
import type { KnownCase } from "../device/known";
import { useVisitWords } from "../visit/words";
import { answerOf } from "./answer";

/** What the review answered to the report. What was sent again meanwhile waits for another answer. */
export function ReviewCard({ known, standing }: { known: KnownCase | null | undefined; standing: Standing }) {
  const t = useVisitWords();
  const spoken = useLanguage();
  const answer = known && answerOf(known.timeline);
  if (!answer) return null;
  const verdict = answer.verdict === "returned" && standing.case === "reported" ? "waiting" : answer.verdict;
  const title = {
    waiting: t("reviewWaiting"),
    returned: t("reviewReturned", { count: answer.returns }),
    approved: t("reviewApproved"),
  };
  return (
    <section className={`field-panel field-review field-review-${verdict}`}>
      <h2>{title[verdict]}</h2>
      {verdict === "returned" && answer.reason && <p>{t("reviewReason", { reason: answer.reason })}</p>}
      {verdict === answer.verdict && <small className="field-quiet">{instantText(answer.at, spoken)}</small>}
    </section>
  );
}
