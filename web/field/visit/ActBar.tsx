import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { mayDo, nextOffer, type Standing, type Step } from "../acts/acts";
import { useDevice } from "../device/FieldDevice";
import type { KnownAssignment } from "../device/known";
import { BigButton } from "../parts/BigButton";
import { enqueue } from "../queue/queue";
import { ArriveSheet } from "./ArriveSheet";
import { useVisitWords } from "./words";

const MoreFiles = lazy(() => import("../report/MoreFiles").then(({ MoreFiles }) => ({ default: MoreFiles })));

interface ActBarProps {
  assignment: KnownAssignment;
  standing: Standing;
  /** How many acts and files of the case wait to be sent. */
  queued: number;
}

/** What to do now, under the thumb: one large button for the next step, the rest beside it. */
export function ActBar({ assignment, standing, queued }: ActBarProps) {
  const t = useVisitWords();
  const { database, claim } = useDevice();
  const [sheet, setSheet] = useState<"arrive" | "more" | null>(null);
  const { assignment_id: assignmentId, case_id: caseId } = assignment;
  const step = async (action: Step, body: Record<string, unknown> = {}) => {
    setSheet(null);
    await enqueue(database, { action, assignmentId, caseId, time: claim(), body });
  };
  const next = nextOffer(standing);
  const reports = mayDo(standing, "feedback");
  // The lead reports; the second officer may, where the lead cannot.
  const second = assignment.part === "second" && next === "feedback" && standing.case !== "returned";
  const canAdd = standing.case === "on_site" || standing.case === "reported" || standing.case === "returned";
  const close = () => setSheet(null);
  return (
    <div className="field-actbar">
      <p className="field-said" role="status">
        {hintOf(standing, next, second, t)} {queued > 0 && t("queued")}
      </p>
      {(next === "accept" || next === "depart") && (
        <BigButton onPress={() => step(next)}>{t(next)}</BigButton>
      )}
      {next === "arrive" && <BigButton onPress={() => setSheet("arrive")}>{t("arrive")}</BigButton>}
      {reports && next === "feedback" && (
        <Link
          to="/assignments/$assignmentId/report"
          params={{ assignmentId }}
          className={second ? "field-wide-link" : "field-wide-link field-wide-main"}
        >
          {second ? t("reportMyself") : standing.case === "returned" ? t("again") : t("feedback")}
        </Link>
      )}
      <div className="field-beside">
        {standing.case === "returned" && mayDo(standing, "depart") && (
          <BigButton look="plain" onPress={() => step("depart")}>
            {t("depart")}
          </BigButton>
        )}
        {standing.case === "returned" && mayDo(standing, "arrive") && (
          <BigButton look="plain" onPress={() => setSheet("arrive")}>
            {t("arrive")}
          </BigButton>
        )}
        {mayDo(standing, "off-site-feedback") && (
          <Link to="/assignments/$assignmentId/report" params={{ assignmentId }} className="field-wide-link">
            {t("off-site-feedback")}
          </Link>
        )}
        {canAdd && (
          <BigButton look="plain" onPress={() => setSheet("more")}>
            {t("more")}
          </BigButton>
        )}
      </div>
      {sheet === "arrive" && (
        <ArriveSheet assignment={assignment} onClose={close} onArrive={(body) => step("arrive", body)} />
      )}
      {sheet === "more" && (
        <Suspense>
          <MoreFiles caseId={caseId} onClose={close} />
        </Suspense>
      )}
    </div>
  );
}

function hintOf(
  standing: Standing,
  next: ReturnType<typeof nextOffer>,
  second: boolean,
  t: ReturnType<typeof useVisitWords>,
): string {
  if (standing.case === "suspended") return t("suspended");
  if (second) return t("waitsForLead");
  if (next === "arrive" && standing.case !== "en_route") return t("arrivalMissing");
  if (standing.case === "reported") return t("waitsForReview");
  if (standing.case === "returned") return t("returnedHint");
  if (mayDo(standing, "off-site-feedback")) return t("offSiteHint");
  return next === null ? t("nothing") : "";
}
