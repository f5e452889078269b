import type { WholeAlert } from "@shared/api/generated/ingest";
import { Loading, ProblemNote } from "@shared/parts";
import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Explanation } from "../alerts/Explanation";
import styles from "./case.module.css";
import { Section } from "./Section";
import { useCaseWords } from "./words";

/** The alerts of a case: what was found, which grade it has and why. */
export function Grades({ alerts }: { alerts: UseQueryResult<WholeAlert[]> }) {
  const t = useCaseWords();
  const all = alerts.data ?? [];
  return (
    <Section
      id="grade"
      title={all.length > 1 ? t("gradesOf", { count: all.length }) : t("grade")}
      aside={
        all[0] !== undefined && all.length === 1 ? (
          <Link to="/alerts/$alertId" params={{ alertId: all[0].alert_id }} className="tc-no-print">
            {t("openAlert")}
          </Link>
        ) : undefined
      }
    >
      {alerts.error !== null && <ProblemNote problem={alerts.error} again={() => void alerts.refetch()} />}
      {alerts.isLoading && <Loading lines={4} />}
      {all.map((alert) => (
        <div key={alert.alert_id} className={styles.grade}>
          <Explanation alert={alert} folded />
          {all.length > 1 && (
            <Link to="/alerts/$alertId" params={{ alertId: alert.alert_id }} className="tc-no-print">
              {t("openAlert")}
            </Link>
          )}
        </div>
      ))}
    </Section>
  );
}
