import { useLanguage } from "@shared/language";
import { Empty, instantText, Loading } from "@shared/parts";
import { actName, stateName } from "@shared/words";
import { useDevice, useSync } from "../device/FieldDevice";
import { type Known, useKnown } from "../device/use_known";
import { BigButton } from "../parts/BigButton";
import { sizeText } from "../report/evidence";
import { isAct, isFile, type QueueEntry } from "./entries";
import { hasEnded, heldBy, isOpen, needsDecision, nextJob } from "./order";
import { setAsideAll } from "./queue";
import { withNames } from "./refusal";
import { WaysOn } from "./WaysOn";
import { useFieldName, useQueueWords } from "./words";

/** Everything that was done on this device: what waits, what was sent, and what needs a decision. */
export function Screen() {
  const t = useQueueWords();
  const known = useKnown();
  const { sync } = useDevice();
  const { sending } = useSync();
  const open = known?.queue.filter(isOpen) ?? [];
  const done = known?.queue.filter((entry) => !isOpen(entry)).reverse() ?? [];
  return (
    <>
      <h1>{t("title")}</h1>
      {!known && <Loading />}
      {known && open.length === 0 && (
        <Empty title={t("none")}>
          <p>{t("noneHint")}</p>
        </Empty>
      )}
      {known && open.length > 0 && (
        <>
          <h2 className="field-section">{t("open", { count: open.length })}</h2>
          <Entries entries={open} known={known} />
          {nextJob(known.queue) && (
            <BigButton onPress={sync.resume} busy={sending}>
              {sending ? t("sending") : t("sendNow")}
            </BigButton>
          )}
        </>
      )}
      {known && done.length > 0 && (
        <>
          <h2 className="field-section">{t("done", { count: done.length })}</h2>
          <Entries entries={done} known={known} />
        </>
      )}
    </>
  );
}

/** Entries by the case they are about, in the order in which they were done. */
function Entries({ entries, known }: { entries: QueueEntry[]; known: Known }) {
  const cases = [...new Set(entries.map((entry) => entry.caseId))];
  return cases.map((caseId) => (
    <section key={caseId} className="field-panel">
      <h3 className="field-entry-of">{nameOf(caseId, known)}</h3>
      <Ended entries={entries.filter((entry) => entry.caseId === caseId)} />
      <ol className="field-plain">
        {entries
          .filter((entry) => entry.caseId === caseId)
          .map((entry) => (
            <li key={entry.key} className="field-entry">
              <Line entry={entry} known={known} />
            </li>
          ))}
      </ol>
    </section>
  ));
}

/** Others have the case by now: said once for all that was to be sent of it. */
function Ended({ entries }: { entries: QueueEntry[] }) {
  const t = useQueueWords();
  const spoken = useLanguage();
  const { database, claim } = useDevice();
  const [ended] = entries.filter(isAct).filter(hasEnded);
  if (!ended?.present) return null;
  return (
    <div className="field-why" role="alert">
      <p>{t("ended", { case: stateName(ended.present.case_state, spoken) })}</p>
      <BigButton onPress={() => setAsideAll(database, ended.caseId, claim())}>
        {t("endedAll", { count: entries.length })}
      </BigButton>
    </div>
  );
}

function nameOf(caseId: string, known: Known): string {
  const enterprise = known.assignments.find((one) => one.case_id === caseId)?.enterprise;
  return enterprise?.name ?? enterprise?.code ?? caseId;
}

function Line({ entry, known }: { entry: QueueEntry; known: Known }) {
  const t = useQueueWords();
  const spoken = useLanguage();
  const name = isFile(entry)
    ? t(`file_${entry.fileKind}`)
    : entry.body.off_site
      ? t("off_site")
      : actName(entry.action, spoken);
  return (
    <>
      <p className="field-entry-head">
        <strong>{name}</strong>
        <span className={`field-state field-state-${entry.state}`}>
          {isAct(entry) && entry.already ? t("already") : t(entry.state)}
        </span>
      </p>
      <p className="field-entry-when">
        {isFile(entry) && `${entry.name} · ${sizeText(entry.size)} · `}
        {t("at", { at: instantText(entry.time, spoken) })}
      </p>
      {entry.state === "queued" && <Waiting entry={entry} known={known} />}
      {needsDecision(entry) && !hasEnded(entry) && (
        <>
          <Why entry={entry} />
          <WaysOn entry={entry} />
        </>
      )}
    </>
  );
}

function Waiting({ entry, known }: { entry: QueueEntry; known: Known }) {
  const t = useQueueWords();
  if (isFile(entry)) {
    if (entry.sentBytes === 0) return null;
    return (
      <p className="field-quiet">
        <progress max={entry.size} value={entry.sentBytes} aria-label={entry.name} />{" "}
        {t("progress", { sent: sizeText(entry.sentBytes), size: sizeText(entry.size) })}
      </p>
    );
  }
  const held = heldBy(entry, known.queue);
  if (!held) return null;
  return <p className="field-hint">{t(HELD[held])}</p>;
}

const HELD = { file: "byFile", refused_file: "byRefusedFile", earlier: "byEarlier" } as const;

/** Why it was not taken: where the case stands now, or the server's own words. */
function Why({ entry }: { entry: QueueEntry }) {
  const t = useQueueWords();
  const spoken = useLanguage();
  const present = isAct(entry) ? entry.present : null;
  const nameOfField = useFieldName();
  const { title, detail, status, upload_id } = entry.problem ?? {};
  return (
    <div className="field-why" role="alert">
      {present ? (
        <p>
          {t("present", {
            case: stateName(present.case_state, spoken),
            own: stateName(present.state, spoken),
          })}
        </p>
      ) : isFile(entry) && status === 0 ? (
        <p>{t("missingFile")}</p>
      ) : upload_id ? (
        <p>{t("doubtful")}</p>
      ) : (
        <>
          <p>
            <strong>{title}</strong>
          </p>
          <p>{withNames(detail ?? "", nameOfField)}</p>
        </>
      )}
      {isAct(entry) && <p className="field-quiet">{t("follows")}</p>}
    </div>
  );
}
