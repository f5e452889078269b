import { useLanguage } from "@shared/language";
import { Empty, LevelTag, Loading } from "@shared/parts";
import { kindName, outcomeName, partName, stateName } from "@shared/words";
import { Link, useParams } from "@tanstack/react-router";
import { mayDo } from "../acts/acts";
import { useDevice } from "../device/FieldDevice";
import {
  isInspection,
  type KnownAssignment,
  type KnownCase,
  type Matter,
  type PlannedInspection,
} from "../device/known";
import { type Known, standingOf, useKnown, useKnownCase } from "../device/use_known";
import { Due } from "../parts/Due";
import { dayText, dueText } from "../parts/dates";
import { countOpen } from "../queue/order";
import { ReviewCard } from "../review/ReviewCard";
import { ActBar } from "./ActBar";
import { Decline } from "./Decline";
import { MatterFacts } from "./MatterFacts";
import { Place } from "./Place";
import { useVisitWords } from "./words";

/** One assignment: what it is about, where, whom to phone, and what to do now. */
export function Screen() {
  const { assignmentId } = useParams({ strict: false });
  const t = useVisitWords();
  const known = useKnown();
  const one = known?.assignments.find((item) => item.assignment_id === assignmentId);
  return (
    <>
      <Link to="/" className="field-back">
        ‹ {t("back")}
      </Link>
      {!known && <Loading />}
      {known && !one && (
        <Empty title={t("gone")}>
          <p>{t("goneHint")}</p>
        </Empty>
      )}
      {known && one && <Whole assignment={one} known={known} />}
    </>
  );
}

function Whole({ assignment, known }: { assignment: KnownAssignment; known: Known }) {
  const t = useVisitWords();
  const spoken = useLanguage();
  const standing = standingOf(assignment, known.queue);
  const ofCase = useKnownCase(assignment.case_id);
  const { queued } = countOpen(known.queue.filter((entry) => entry.caseId === assignment.case_id));
  const isDue = !assignment.left && (standing.case !== "reported" || queued > 0);
  return (
    <>
      <header className="field-title">
        <span className="field-card-top">
          <LevelTag level={assignment.level} />
          <span className="field-quiet">{kindName(assignment.kind, spoken)}</span>
          {isDue && <Due at={assignment.due_at} />}
        </span>
        <h1>{assignment.enterprise.name ?? assignment.enterprise.code}</h1>
        <p className="field-quiet">{assignment.enterprise.code}</p>
        <p className="field-states">
          {isDue && assignment.due_text && (
            <span>{t("until", { at: dueText(assignment.due_text, spoken) })}</span>
          )}
          {!assignment.left && <b>{stateName(standing.own, spoken, assignment.kind)}</b>}
          {!assignment.left && standing.case !== standing.own && (
            <span>{t("state", { state: stateName(standing.case, spoken, assignment.kind) })}</span>
          )}
        </p>
        {assignment.provisional && <p className="field-quiet">{t("provisional")}</p>}
      </header>
      {assignment.left && <Left assignment={assignment} ofCase={ofCase} />}
      {!assignment.left && <ReviewCard known={ofCase} standing={standing} />}
      <section className="field-panel">
        <h2>{t("facts")}</h2>
        <MatterFacts matter={assignment} />
      </section>
      <Place assignment={assignment} />
      {assignment.matters.length > 0 && <Matters matters={assignment.matters} />}
      {ofCase && <Team assignment={assignment} team={ofCase.facts.team} />}
      {!assignment.left && mayDo(standing, "decline") && <Decline assignment={assignment} />}
      {!assignment.left && <ActBar assignment={assignment} standing={standing} queued={queued} />}
    </>
  );
}

/** What became of a case that is no longer the officer's: closed, or with others by now. */
function Left({ assignment, ofCase }: { assignment: KnownAssignment; ofCase: KnownCase | null | undefined }) {
  const t = useVisitWords();
  const spoken = useLanguage();
  const { person } = useDevice();
  if (!ofCase) return <p className="field-notice">{t("left")}</p>;
  const { state, outcome, team, closed_at } = ofCase.facts;
  const named = [stateName(state, spoken, assignment.kind), outcomeName(outcome, spoken)]
    .filter(Boolean)
    .join(" · ");
  const names = team.map((member) => member.name).join(spoken === "en" ? ", " : "、");
  const mine = team.some((member) => member.officer === person);
  if (closed_at) return <p className="field-notice field-notice-good">{t("closed", { state: named })}</p>;
  return (
    <p className="field-notice">
      {names && !mine ? t("others", { state: named, names }) : t("leftAs", { state: named })}
    </p>
  );
}

function Matters({ matters }: { matters: (Matter | PlannedInspection)[] }) {
  const t = useVisitWords();
  const spoken = useLanguage();
  return (
    <section className="field-panel">
      <h2>{t("matters", { count: matters.length })}</h2>
      <ul className="field-plain">
        {matters.map((matter) =>
          isInspection(matter) ? (
            <li key={matter.inspection_id} className="field-matter">
              <strong>{t("plan", { plan: matter.plan })}</strong>
              <p>{matter.matters}</p>
              <small className="field-quiet">
                {t("planUntil", { day: dayText(matter.planned_until, spoken) })}
              </small>
            </li>
          ) : (
            <li key={matter.case_id} className="field-matter">
              <p className="field-card-top">
                <LevelTag level={matter.level} /> {kindName(matter.kind, spoken)}
              </p>
              <MatterFacts matter={matter} withDue />
            </li>
          ),
        )}
      </ul>
    </section>
  );
}

function Team({
  assignment,
  team,
}: {
  assignment: KnownAssignment;
  team: { officer: string; name: string; part: string }[];
}) {
  const t = useVisitWords();
  const spoken = useLanguage();
  const { person } = useDevice();
  if (team.length === 0) return null;
  return (
    <section className="field-panel">
      <h2>{t("team")}</h2>
      <ul className="field-plain">
        {team.map((member) => (
          <li key={member.officer}>
            {member.name}
            {member.officer === person && t("you")}{" "}
            <span className="field-quiet">{partName(member.part, spoken)}</span>
          </li>
        ))}
      </ul>
      {assignment.part === "second" && !assignment.left && <p className="field-hint">{t("second")}</p>}
    </section>
  );
}
