import type { CaseAnswer } from "@shared/api/generated/dispatcher";
import * as scope from "@shared/api/generated/scope";
import { speak, useLanguage } from "@shared/language";
import { Countdown, Empty, LevelTag, Loading, ProblemNote, Time } from "@shared/parts";
import { useMay } from "@shared/session/may";
import { stateName } from "@shared/words";
import { Link } from "@tanstack/react-router";
import { useBook } from "../alerts/book";
import type { Act } from "./acts/acts";
import styles from "./case.module.css";
import { useNeighbours } from "./queries";
import { Section } from "./Section";
import { useCaseWords } from "./words";

type Matters = CaseAnswer["matters"][number];

/** What is done at the same door: what joined this case, planned inspections, and other cases of the enterprise. */
export function Neighbours({ found, start }: { found: CaseAnswer; start: (act: Act) => void }) {
  const t = useCaseWords();
  const spoken = useLanguage();
  const say = speak(spoken);
  const book = useBook();
  const others = useNeighbours(found.case_id, found.enterprise_code);
  const joined = new Set(found.matters.flatMap((one) => ("case_id" in one ? [one.case_id] : [])));
  const rest = (others.data ?? []).filter((row) => !joined.has(row.case_id));
  const mayPart = useMay(scope.unmergeCase);
  const part = (matter: Matters): void => {
    if (!("inspection_id" in matter)) return;
    start({
      name: "unmerge",
      path: `/dispatch/v1/cases/${found.case_id}/unmerge`,
      fields: [{ name: "reason", kind: "long", required: true }],
      onCase: true,
      body: (values) => ({ ...values, inspection_id: matter.inspection_id }),
    });
  };
  return (
    <Section
      id="neighbours"
      title={t("sameDoor")}
      aside={
        <Link to="/cases" search={{ enterprise: found.enterprise_code }} className="tc-no-print">
          {t("allOfEnterprise")}
        </Link>
      }
    >
      {found.matters.length > 0 && (
        <ul className={styles.list}>
          {found.matters.map((matter) =>
            "inspection_id" in matter ? (
              <li key={matter.inspection_id}>
                {t("planned", { plan: matter.plan })}：{matter.matters}
                <span className="tc-quiet"> {t("plannedUntil", { day: matter.planned_until })}</span>
                {mayPart && found.closed_at == null && (
                  <button type="button" className="tc-link tc-no-print" onClick={() => part(matter)}>
                    {t("partInspection")}
                  </button>
                )}
              </li>
            ) : (
              <li key={matter.case_id} className={styles.neighbour}>
                <Link to="/cases/$caseId" params={{ caseId: matter.case_id }}>
                  {say(book.rule(matter.category)) || matter.category}
                </Link>
                <span className="tc-quiet">{t("joined")}</span>
                <Countdown due={matter.due_at} stopped={found.closed_at != null} />
              </li>
            ),
          )}
        </ul>
      )}
      {others.error !== null && <ProblemNote problem={others.error} again={() => void others.refetch()} />}
      {others.isLoading && <Loading lines={2} />}
      {others.data !== undefined && rest.length + found.matters.length === 0 && (
        <Empty title={t("noNeighbours")} />
      )}
      {rest.length > 0 && (
        <ul className={styles.list}>
          {rest.map((row) => (
            <li key={row.case_id} className={styles.neighbour}>
              <LevelTag level={row.level} brief />
              <Link to="/cases/$caseId" params={{ caseId: row.case_id }}>
                {say(row.category) || row.case_id}
              </Link>
              <span className="tc-quiet">{stateName(row.state, spoken, row.kind)}</span>
              {row.closed_at === null ? <Countdown due={row.due_at} /> : <Time at={row.closed_at} />}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
