import "../parts/parts.css";
import type { CaseAnswer } from "@shared/api/generated/dispatcher";
import type { AlertAnswer } from "@shared/api/generated/ingest";
import { amount, foundIn, outletName, reasonText } from "@shared/found/found";
import { speak, useLanguage } from "@shared/language";
import { Countdown, dueText, instantText, LevelTag, Loading, ProblemNote, StateTag } from "@shared/parts";
import { kindName, outcomeName, roleName } from "@shared/words";
import { entryName } from "@shared/words/entries";
import { Link, useParams } from "@tanstack/react-router";
import { useEnterpriseWords } from "../parts/words";
import { useCase, useFound, useTimeline } from "../queries";
import { Plea } from "./Plea";
import { ReportForm } from "./ReportForm";

/** One matter: what was found, what is asked by when, the report, the plea, and what happened so far. */
export function Screen() {
  const { caseId } = useParams({ from: "/matters/$caseId" });
  const t = useEnterpriseWords();
  const spoken = useLanguage();
  const found = useCase(caseId);
  const alerts = useFound(found.data?.alert_ids ?? []);
  // What was read, and what is being written, stays on the screen while the services are away.
  if (found.data === undefined)
    return found.error === null ? (
      <Loading lines={8} />
    ) : (
      <ProblemNote problem={found.error} again={() => void found.refetch()} />
    );
  const one = found.data;
  const allowed = new Set<string>(one.allowed);
  const mayReport = allowed.has("self-report");
  // Once it was said that the work goes on, what is asked for is the final report.
  const mayInterim = one.planned_end === null && one.state !== "interim_reported";
  const isOpen = one.closed_at === null;
  return (
    <div className="ent-page">
      <Link to="/">← {t("back")}</Link>
      <h1>
        <LevelTag level={one.level} /> {kindName(one.kind, spoken)}
      </h1>
      <p>{t("for", { name: one.enterprise_name ?? one.enterprise_code })}</p>
      <Due one={one} isOpen={isOpen} />
      {alerts.map((alert) => (
        <Facts key={alert.alert_id} alert={alert} />
      ))}
      {one.matters.length > 0 && <p className="tc-quiet">{t("matters", { count: one.matters.length })}</p>}
      {mayReport && <ReportForm caseId={one.case_id} mayInterim={mayInterim} />}
      {alerts.map((alert) => (
        <Plea
          key={alert.alert_id}
          alert={alert}
          caseId={one.case_id}
          mayPlead={isOpen && one.kind === "self_report" && alert.dismissed_at === null}
        />
      ))}
      <Happened caseId={one.case_id} />
    </div>
  );
}

function Due({ one, isOpen }: { one: CaseAnswer; isOpen: boolean }) {
  const t = useEnterpriseWords();
  const spoken = useLanguage();
  return (
    <section className="tc-surface ent-due" data-over={one.overdue}>
      <StateTag state={one.state} kind={one.kind} overdue={one.overdue} />
      {isOpen && one.due_at !== null && (
        <>
          <Countdown due={one.due_at} />
          <span>
            {t(one.planned_end === null ? "due" : "finalDue", { time: dueText(one.due_at, spoken) })}
          </span>
        </>
      )}
      {one.outcome !== null && <b>{outcomeName(one.outcome, spoken)}</b>}
    </section>
  );
}

function Facts({ alert }: { alert: AlertAnswer }) {
  const t = useEnterpriseWords();
  const spoken = useLanguage();
  const say = speak(spoken);
  const what = foundIn(alert);
  const facts = [
    ["outlet", outletName(what.outlet)],
    ["pollutant", what.pollutant?.name ?? what.pollutant?.code ?? ""],
    ["observed", amount(what.observed, what.unit)],
    ["limit", amount(what.limit, what.unit)],
  ] as const;
  const times = [what.window?.start, what.window?.end].filter((at): at is string => at !== undefined);
  return (
    <section className="tc-surface ent-form">
      <h2>{t("found")}</h2>
      <dl className="ent-facts">
        {facts.map(
          ([name, value]) =>
            value !== "" && (
              <Fact key={name} name={t(name)}>
                {value}
              </Fact>
            ),
        )}
        {times.length > 0 && (
          <Fact name={t("window")}>{times.map((at) => instantText(at, spoken, true)).join(" – ")}</Fact>
        )}
        <Fact name={t("reason")}>{reasonText(say(alert.grading.reason))}</Fact>
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Happened({ caseId }: { caseId: string }) {
  const t = useEnterpriseWords();
  const spoken = useLanguage();
  const entries = useTimeline(caseId).data ?? [];
  if (entries.length === 0) return null;
  return (
    <section className="tc-surface">
      <h2 className="ent-heading">{t("answered")}</h2>
      <ul className="ent-entries" aria-label={t("answered")}>
        {entries.map((entry) => (
          <li key={`${entry.type} ${entry.at}`}>
            <b>{entryName(entry.type, spoken)}</b>
            <div className="tc-quiet">
              {instantText(entry.at, spoken, true)} · {roleName(entry.actor_role, spoken)}
            </div>
            {entry.reason !== null && <div>{entry.reason}</div>}
          </li>
        ))}
      </ul>
    </section>
  );
}
