import type { CaseAnswer } from "@shared/api/generated/dispatcher";
import type { DeadlineWithSteps } from "@shared/api/generated/watch";
import { serverNow } from "@shared/clock";
import { useLanguage } from "@shared/language";
import { Countdown, dueText, instantText, LevelTag, StateTag, Time } from "@shared/parts";
import { useMe } from "@shared/session/me";
import { useSession } from "@shared/session/session";
import { kindName, outcomeName } from "@shared/words";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useShortcuts } from "../shell/shortcuts";
import { ActButtons } from "./acts/ActButtons";
import { ActDialog } from "./acts/ActDialog";
import { type Act, actsOfCase, actsOfDeadline } from "./acts/acts";
import { useActName } from "./acts/words";
import styles from "./case.module.css";
import { Deadlines } from "./Deadlines";
import { Evidence } from "./Evidence";
import { Grades } from "./Grades";
import { Neighbours } from "./Neighbours";
import { Notices } from "./Notices";
import { Proposals } from "./Proposals";
import { Proof } from "./proof/Proof";
import { useAlerts, useDeadlines, useProposals } from "./queries";
import { Report } from "./Report";
import { Section } from "./Section";
import { Team } from "./Team";
import { Timeline } from "./Timeline";
import { useCaseWords } from "./words";

/** Keys of the frequent acts. */
const KEYS: Record<string, string> = {
  approve: "a",
  return: "r",
  reassign: "t",
  "hand-over": "h",
  extend: "e",
};

/** Everything about a case, and what this person may do with it now. */
export function CasePage({ found }: { found: CaseAnswer }) {
  const t = useCaseWords();
  const spoken = useLanguage();
  const actName = useActName();
  const role = useSession()?.person.role ?? "";
  const me = useMe().data;
  const [doing, setDoing] = useState<Act | null>(null);
  const alertIds = found.alert_ids;
  const alerts = useAlerts(found.case_id, alertIds);
  const deadlines = useDeadlines(found.case_id);
  const deadlineIds = deadlines.data?.map((one) => one.deadline_id) ?? [];
  const proposals = useProposals(found.case_id, alertIds, deadlineIds);
  const acts = actsOfCase(found, role);
  const clockActs = (deadlines.data ?? []).flatMap((deadline) => actsOfDeadline(deadline, role));
  const name = found.enterprise_name ?? found.enterprise_code;
  useEffect(() => {
    document.title = `${name} · ${t("title")}`;
  }, [name, t]);
  useShortcuts([
    ...[...acts, ...clockActs.slice(0, 1)]
      .filter((act) => act.name in KEYS)
      .map((act) => ({ keys: KEYS[act.name] as string, says: actName(act.name), run: () => setDoing(act) })),
    { keys: "p", says: t("print"), run: () => window.print() },
  ]);
  const isClosed = found.closed_at != null;
  return (
    <div className={styles.case}>
      <header className={`tc-surface ${styles.head}`}>
        <div className={styles.title}>
          <LevelTag level={found.level} />
          <h1>{name}</h1>
          <StateTag state={found.state} kind={found.kind} overdue={found.overdue} />
        </div>
        <dl className={styles.facts}>
          <div>
            <dt>{t("kind")}</dt>
            <dd>{kindName(found.kind, spoken)}</dd>
          </div>
          <div>
            <dt>{t("code")}</dt>
            <dd>{found.enterprise_code}</dd>
          </div>
          <div>
            <dt>{t("issued")}</dt>
            <dd>
              <Time at={found.issued_at} year />
            </dd>
          </div>
          {isClosed ? (
            <>
              <div>
                <dt>{t("outcome")}</dt>
                <dd>
                  <b>{outcomeName(found.outcome, spoken) || "—"}</b>
                  {found.handled && !found.finished && (
                    <span className={styles.warn}> {t("unfinished")}</span>
                  )}
                </dd>
              </div>
              <div>
                <dt>{t("closed")}</dt>
                <dd>
                  <Time at={found.closed_at} year />
                </dd>
              </div>
            </>
          ) : (
            <div>
              <dt>{t("due")}</dt>
              <dd>
                <ClockState found={found} deadlines={deadlines.data ?? []} />
              </dd>
            </div>
          )}
          <div>
            <dt>{t("number")}</dt>
            <dd className={styles.code}>{found.case_id}</dd>
          </div>
        </dl>
        <div className={`${styles.acts} tc-no-print`}>
          <ActButtons acts={acts} keys={KEYS} start={setDoing} />
          {acts.length === 0 && !isClosed && role !== "auditor" && (
            <p className={`tc-quiet ${styles.idle}`}>
              {t(role === "officer" && found.allowed.length > 0 ? "actInField" : "nothingToDo")}
            </p>
          )}
          <span className={styles.space} />
          <ActButtons acts={clockActs} keys={KEYS} start={setDoing} quiet />
          <button type="button" className="tc-button tc-button-plain" onClick={() => window.print()}>
            {t("print")}
          </button>
        </div>
        <Consequences found={found} />
        <p className={`tc-quiet ${styles.printed}`}>
          {t("printed", { who: me?.name ?? me?.subject ?? "", time: instantText(serverNow(), spoken, true) })}
        </p>
      </header>
      <div className={styles.columns}>
        <div className={styles.column}>
          <Grades alerts={alerts} />
          <Report found={found} />
          <Section title={t("evidence")} id="evidence">
            <Evidence found={found} start={setDoing} />
          </Section>
          <Proof found={found} />
          <Section title={t("timeline")} id="timeline">
            <Timeline found={found} />
          </Section>
        </div>
        <div className={styles.column}>
          <Deadlines deadlines={deadlines} />
          <Team found={found} />
          <Neighbours found={found} start={setDoing} />
          <Proposals proposals={proposals} caseId={found.case_id} start={setDoing} />
          <Notices found={found} start={setDoing} />
        </div>
      </div>
      {doing !== null && <ActDialog act={doing} found={found} close={() => setDoing(null)} />}
    </div>
  );
}

/** How the clock that runs last stands: time left, met, paused, or by how much it is overdue. */
function ClockState({ found, deadlines }: { found: CaseAnswer; deadlines: readonly DeadlineWithSteps[] }) {
  const t = useCaseWords();
  const spoken = useLanguage();
  const last = [...deadlines].sort((one, other) => one.due_at.localeCompare(other.due_at)).pop();
  if (last === undefined) return <span className="tc-quiet">{dueText(found.due_at, spoken)}</span>;
  if (last.state === "met") return <b data-tone="good">{t("clockMet")}</b>;
  if (last.paused_at != null) return <b data-tone="warning">{t("clockPaused")}</b>;
  return (
    <>
      <Countdown due={last.due_at} provisional={last.provisional} />{" "}
      <span className="tc-quiet">{dueText(last.due_at, spoken)}</span>
    </>
  );
}

/** What the outcome carries: dates, numbers, and the checks that follow. */
function Consequences({ found }: { found: CaseAnswer }) {
  const t = useCaseWords();
  const carried: [string, string | null | undefined][] = [
    [t("correctBy"), found.correct_by],
    [t("observeUntil"), found.observe_until],
    [t("legalBasis"), found.legal_basis],
    [
      t("fileNumber"),
      found.file_number ?? (found.outcome === "case_filed_for_penalty" ? t("fileNumberLater") : null),
    ],
  ];
  const shown = carried.filter(([, value]) => value != null);
  const links: [string, string][] = [
    ...(found.follow_ups ?? []).map((id): [string, string] => [t("followUp"), id]),
    ...(found.raised_by == null ? [] : [[t("raisedBy"), found.raised_by] as [string, string]]),
    ...(found.merged_into == null ? [] : [[t("mergedInto"), found.merged_into] as [string, string]]),
  ];
  if (shown.length + links.length === 0) return null;
  return (
    <dl className={styles.facts}>
      {shown.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      {links.map(([name, id]) => (
        <div key={id}>
          <dt>{name}</dt>
          <dd>
            <Link to="/cases/$caseId" params={{ caseId: id }}>
              {t("openCase")}
            </Link>
          </dd>
        </div>
      ))}
    </dl>
  );
}
