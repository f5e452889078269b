import { unitName } from "@shared/found/found";
import { speak, useLanguage } from "@shared/language";
import { Empty, instantText, LevelTag, Loading } from "@shared/parts";
import { kindName, partName, stateName } from "@shared/words";
import { Link } from "@tanstack/react-router";
import { nextOffer } from "../acts/acts";
import { useDevice, useSync } from "../device/FieldDevice";
import type { KnownAssignment } from "../device/known";
import { type Known, standingOf, useKnown, useKnownCase } from "../device/use_known";
import { Due } from "../parts/Due";
import { dueText } from "../parts/dates";
import { countOpen } from "../queue/order";
import { excess } from "../visit/matters";
import { byUrgency, soonestDue } from "./order";
import { useTodayWords } from "./words";

/** The officer's own assignments: what is due first stands first. */
export function Screen() {
  const t = useTodayWords();
  const spoken = useLanguage();
  const { sync } = useDevice();
  const known = useKnown();
  // Nothing was heard yet, and nothing says that it cannot be: the first answer is on its way.
  const { halt } = useSync();
  return (
    <>
      <div className="field-head">
        <h1>{t("title")}</h1>
        <button type="button" className="field-text-button" onClick={sync.resume}>
          {t("refresh")}
        </button>
      </div>
      {known?.heardAt && (
        <p className="field-entry-when">{t("heard", { at: instantText(known.heardAt, spoken) })}</p>
      )}
      {known && (known.heardAt || halt) ? <Lists known={known} /> : <Loading />}
    </>
  );
}

function Lists({ known }: { known: Known }) {
  const t = useTodayWords();
  const open = known.assignments.filter((one) => !one.left);
  const left = known.assignments.filter((one) => one.left);
  const { mine, waiting } = byUrgency(open, (one) => nextOffer(standingOf(one, known.queue)) !== null);
  return (
    <>
      {open.length === 0 && (
        <Empty title={known.heardAt ? t("none") : t("neverHeard")}>
          <p>{known.heardAt ? t("noneHint") : t("neverHeardHint")}</p>
        </Empty>
      )}
      <Section title={t("mine", { count: mine.length })} items={mine} known={known} />
      <Section title={t("waiting", { count: waiting.length })} items={waiting} known={known} />
      <Section title={t("left", { count: left.length })} items={left} known={known} />
    </>
  );
}

function Section({ title, items, known }: { title: string; items: KnownAssignment[]; known: Known }) {
  if (items.length === 0) return null;
  return (
    <section>
      <h2 className="field-section">{title}</h2>
      <ul className="field-list">
        {items.map((one) => (
          <li key={one.assignment_id}>
            <Card assignment={one} known={known} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Card({ assignment, known }: { assignment: KnownAssignment; known: Known }) {
  const t = useTodayWords();
  const spoken = useLanguage();
  const say = speak(spoken);
  const standing = standingOf(assignment, known.queue);
  const next = standing.case === "returned" ? "returned" : (nextOffer(standing) ?? "none");
  const { queued, decide } = countOpen(known.queue.filter((entry) => entry.caseId === assignment.case_id));
  const isDue = !assignment.left && (standing.case !== "reported" || queued > 0);
  const above = excess(assignment);
  const { at, text } = soonestDue(assignment);
  return (
    <Link
      to="/assignments/$assignmentId"
      params={{ assignmentId: assignment.assignment_id }}
      className={`field-card field-card-${assignment.level}`}
    >
      <span className="field-card-top">
        <LevelTag level={assignment.level} />
        <span className="field-quiet">{partName(assignment.part, spoken)}</span>
        {isDue && <Due at={at} />}
      </span>
      <strong className="field-card-name">{assignment.enterprise.name ?? t("toEnterpriseUnnamed")}</strong>
      <span className="field-card-what">
        {kindName(assignment.kind, spoken)} · {say(assignment.category)}
        {assignment.observed !== null && (
          <>
            {" · "}
            {assignment.pollutant?.name} {assignment.observed} {unitName(assignment.unit)}
          </>
        )}
        {above !== null && <b className="field-excess"> +{above}%</b>}
      </span>
      <span className="field-card-foot">
        {assignment.left ? (
          <Ended caseId={assignment.case_id} />
        ) : (
          <b className={next === "returned" ? "field-next field-next-returned" : "field-next"}>
            {t(`next_${next}` as "next_none", { state: stateName(standing.case, spoken, assignment.kind) })}
          </b>
        )}
        {isDue && text && <span className="field-quiet">{t("until", { at: dueText(text, spoken) })}</span>}
        {assignment.matters.length > 0 && <span>{t("more", { count: assignment.matters.length })}</span>}
        {queued > 0 && <span className="field-mark">{t("notSent", { count: queued })}</span>}
        {decide > 0 && <span className="field-mark field-mark-wrong">{t("decide", { count: decide })}</span>}
      </span>
    </Link>
  );
}

function Ended({ caseId }: { caseId: string }) {
  const spoken = useLanguage();
  const known = useKnownCase(caseId);
  return <span className="field-quiet">{known ? stateName(known.facts.state, spoken) : ""}</span>;
}
