import { serverNow } from "@shared/clock";
import { speak, useLanguage } from "@shared/language";
import { Empty, Loading } from "@shared/parts";
import { outcomeName } from "@shared/words";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { mayDo } from "../acts/acts";
import { useDevice } from "../device/FieldDevice";
import { isInspection, type KnownAssignment, type KnownCase, type Matter } from "../device/known";
import { standingOf, useKnown, useKnownCase } from "../device/use_known";
import { BigButton } from "../parts/BigButton";
import { Due } from "../parts/Due";
import { shanghaiDay } from "../parts/device_time";
import { Sheet } from "../parts/Sheet";
import { enqueue } from "../queue/queue";
import { type Draft, type DraftFault, draftOf, emptyDraft, faultsOfDraft, reportBody } from "./draft";
import { Evidence } from "./Evidence";
import { FindingsForm } from "./FindingsForm";
import { phrasesFor } from "./phrases";
import { useDraft } from "./use_draft";
import { useReportWords } from "./words";

/** The report of a visit, or of a check off site. */
export function Screen() {
  const { assignmentId } = useParams({ strict: false });
  const t = useReportWords();
  const known = useKnown();
  const one = known?.assignments.find((item) => item.assignment_id === assignmentId);
  const ofCase = useKnownCase(one?.case_id);
  const standing = one && known && standingOf(one, known.queue);
  const offSite = standing !== undefined && mayDo(standing, "off-site-feedback");
  const able = standing !== undefined && !one?.left && (offSite || mayDo(standing, "feedback"));
  return (
    <>
      {assignmentId && (
        <Link to="/assignments/$assignmentId" params={{ assignmentId }} className="field-back">
          ‹ {t("back")}
        </Link>
      )}
      {!known && <Loading />}
      {known && (!one || !able) && (
        <Empty title={t("notNow")}>
          <p>{t("notNowHint")}</p>
        </Empty>
      )}
      {one && able && ofCase !== undefined && <Form assignment={one} ofCase={ofCase} offSite={offSite} />}
    </>
  );
}

interface FormProps {
  assignment: KnownAssignment;
  ofCase: KnownCase | null;
  offSite: boolean;
}

function Form({ assignment, ofCase, offSite }: FormProps) {
  const t = useReportWords();
  const { database, claim } = useDevice();
  const navigate = useNavigate();
  const { assignment_id: assignmentId, case_id: caseId } = assignment;
  // What was returned is put right from what was sent.
  const [draft, change] = useDraft(caseId, () =>
    ofCase?.lastReport ? draftOf(caseId, ofCase.lastReport) : emptyDraft(caseId),
  );
  const [tried, setTried] = useState(false);
  const [asking, setAsking] = useState(false);
  if (!draft) return <Loading />;
  const faults = tried ? faultsOfDraft(draft, shanghaiDay(serverNow())) : [];
  const matters = assignment.matters.filter((matter): matter is Matter => !isInspection(matter));
  const ask = () => {
    setTried(true);
    if (faultsOfDraft(draft, shanghaiDay(serverNow())).length === 0) setAsking(true);
    else scrollToFault();
  };
  const submit = async () => {
    const body = reportBody(draft, offSite);
    await enqueue(database, {
      action: "feedback",
      assignmentId,
      caseId,
      time: claim(),
      body,
      files: draft.files,
    });
    await navigate({ to: "/assignments/$assignmentId", params: { assignmentId } });
  };
  return (
    <>
      <header className="field-title">
        <span className="field-card-top">
          <h1>{offSite ? t("titleOffSite") : t("title")}</h1>
          <Due at={assignment.due_at} />
        </span>
        <p>{assignment.enterprise.name ?? assignment.enterprise.code}</p>
        <small className="field-quiet">{t("saved")}</small>
      </header>
      <Evidence
        files={draft.files}
        kept={draft.kept.length}
        onAdd={(file) => change((before) => ({ files: [...before.files, file] }))}
        onRemove={(key) => change((before) => ({ files: before.files.filter((file) => file.key !== key) }))}
      />
      <section className="field-panel">
        <FindingsForm
          kind={assignment.kind}
          report={draft}
          phrases={phrasesFor([assignment, ...matters])}
          faults={faultsAt(faults, null)}
          onChange={change}
        />
      </section>
      {matters.length > 0 && (
        <section className="field-panel">
          <h2>{t("matters")}</h2>
          <p className="field-quiet">{t("mattersHint")}</p>
          {matters.map((matter) => (
            <OwnConclusion
              key={matter.case_id}
              matter={matter}
              draft={draft}
              faults={faults}
              onChange={change}
            />
          ))}
        </section>
      )}
      <div className="field-actbar">
        {faults.length > 0 && (
          <p className="field-fault" role="alert">
            {t("faults", { count: faults.length })}
          </p>
        )}
        <BigButton onPress={ask}>{t("submit")}</BigButton>
      </div>
      {asking && <ConfirmSheet draft={draft} onClose={() => setAsking(false)} onConfirm={submit} />}
    </>
  );
}

function ConfirmSheet({
  draft,
  onClose,
  onConfirm,
}: {
  draft: Draft;
  onClose: () => void;
  onConfirm: () => void;
}) {
  const t = useReportWords();
  const spoken = useLanguage();
  const outcome = outcomeName(draft.outcome, spoken);
  const photos = draft.files.some((file) => file.fileKind === "photo");
  const [busy, setBusy] = useState(false);
  return (
    <Sheet title={t("confirmTitle")} open onClose={onClose}>
      <p>
        <strong>
          {draft.files.length > 0
            ? t("summary", { outcome, files: draft.files.length })
            : t("summaryNone", { outcome })}
        </strong>
      </p>
      <p className="field-excerpt">{draft.findings}</p>
      <p className="field-excerpt">{draft.measures}</p>
      {!photos && <p className="field-hint">{t("noPhotos")}</p>}
      <BigButton
        busy={busy}
        onPress={() => {
          setBusy(true);
          onConfirm();
        }}
      >
        {t("confirm")}
      </BigButton>
    </Sheet>
  );
}

interface OwnConclusionProps {
  matter: Matter;
  draft: Draft;
  faults: DraftFault[];
  onChange: (part: Partial<Draft>) => void;
}

/** A joined matter that comes to something else than the visit. */
function OwnConclusion({ matter, draft, faults, onChange }: OwnConclusionProps) {
  const t = useReportWords();
  const say = speak(useLanguage());
  const own = draft.matters.find((one) => one.caseId === matter.case_id);
  const others = draft.matters.filter((one) => one.caseId !== matter.case_id);
  const toggle = (wanted: boolean) => {
    const { findings, measures, outcome } = draft;
    const begun = { caseId: matter.case_id, findings, measures, outcome, carried: {} };
    onChange({ matters: wanted ? [...others, begun] : others });
  };
  return (
    <div className="field-matter">
      <label className="field-choice">
        <input
          type="checkbox"
          checked={own !== undefined}
          onChange={(event) => toggle(event.target.checked)}
        />
        <span>
          {say(matter.category)}
          <small>{t("own")}</small>
        </span>
      </label>
      {own && (
        <FindingsForm
          kind={matter.kind}
          report={own}
          phrases={phrasesFor([matter])}
          faults={faultsAt(faults, matter.case_id)}
          onChange={(part) => onChange({ matters: [...others, { ...own, ...part }] })}
        />
      )}
    </div>
  );
}

function faultsAt(faults: DraftFault[], caseId: string | null) {
  return faults.filter((one) => one.caseId === caseId).map((one) => one.fault);
}

/** After the next drawing, for the faults are drawn by then. */
function scrollToFault(): void {
  requestAnimationFrame(() => {
    document.querySelector(".field-fault")?.scrollIntoView({ block: "center", behavior: "smooth" });
  });
}
