import "../parts/parts.css";
import type { CaseAnswer } from "@shared/api/generated/dispatcher";
import { foundIn, measuredBriefly, measuredIn, outletName } from "@shared/found/found";
import { useLanguage } from "@shared/language";
import { Countdown, Empty, LevelTag, Loading, ProblemNote, StateTag } from "@shared/parts";
import { kindName } from "@shared/words";
import { Link } from "@tanstack/react-router";
import { useEnterpriseWords } from "../parts/words";
import { useCases, useFound } from "../queries";

/** What is asked of the enterprise, what is due first on top; below it what is done. */
export function Screen() {
  const t = useEnterpriseWords();
  const cases = useCases();
  // What was read stays on the screen while the services are away: the bar above says so.
  if (cases.data === undefined)
    return cases.error === null ? (
      <Loading lines={6} />
    ) : (
      <ProblemNote problem={cases.error} again={() => void cases.refetch()} />
    );
  const far = "9999";
  const open = cases.data
    .filter((one) => one.closed_at === null)
    .sort((one, other) => (one.due_at ?? far).localeCompare(other.due_at ?? far));
  const done = cases.data.filter((one) => one.closed_at !== null);
  return (
    <div className="ent-page">
      <h1>{t("toDo")}</h1>
      {open.length === 0 ? (
        <Empty title={t("none")}>{t("noneHint")}</Empty>
      ) : (
        <section aria-label={t("toDo")}>
          {open.map((one) => (
            <Card key={one.case_id} found={one} />
          ))}
        </section>
      )}
      {done.length > 0 && (
        <>
          <h2>{t("done")}</h2>
          <section aria-label={t("done")}>
            {done.map((one) => (
              <Card key={one.case_id} found={one} />
            ))}
          </section>
        </>
      )}
    </div>
  );
}

function Card({ found }: { found: CaseAnswer }) {
  const spoken = useLanguage();
  const [alert] = useFound(found.alert_ids.slice(0, 1));
  const isOpen = found.closed_at === null;
  return (
    <Link to="/matters/$caseId" params={{ caseId: found.case_id }} className="tc-surface ent-card">
      <header>
        <LevelTag level={found.level} />
        <b>{kindName(found.kind, spoken)}</b>
        {isOpen ? <Countdown due={found.due_at} /> : <StateTag state={found.state} kind={found.kind} />}
      </header>
      <div>{found.enterprise_name ?? found.enterprise_code}</div>
      {alert !== undefined && (
        <div className="tc-quiet">
          {[outletName(foundIn(alert).outlet), measuredBriefly(measuredIn(alert))]
            .filter(Boolean)
            .join(" · ")}
        </div>
      )}
      {isOpen && <StateTag state={found.state} kind={found.kind} />}
    </Link>
  );
}
