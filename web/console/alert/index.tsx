import { listProposals, readAlert } from "@shared/api/generated/ingest";
import { isProblem } from "@shared/api/problem";
import { answer } from "@shared/api/request";
import { foundIn } from "@shared/found/found";
import { useLanguage } from "@shared/language";
import { instantText, LevelTag, Loading, NotThere, ProblemNote, Time } from "@shared/parts";
import { useSession } from "@shared/session/session";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import styles from "../alerts/alerts.module.css";
import { Explanation } from "../alerts/Explanation";
import { useAlertsWords } from "../alerts/words";
import { ActButtons } from "../case/acts/ActButtons";
import { ActDialog } from "../case/acts/ActDialog";
import { type Act, actsOfAlert } from "../case/acts/acts";
import { useActName } from "../case/acts/words";
import page from "../case/case.module.css";
import { Proposals } from "../case/Proposals";
import { Section } from "../case/Section";
import { useShortcuts } from "../shell/shortcuts";

const KEYS: Record<string, string> = { "confirm-held": "a", downgrade: "l", dismiss: "x" };

/** One alert: what was found, its grade and why, what it led to, and what may be proposed about it. */
export function Screen() {
  const { alertId } = useParams({ from: "/shell/alerts/$alertId" });
  const t = useAlertsWords();
  const spoken = useLanguage();
  const actName = useActName();
  const role = useSession()?.person.role ?? "";
  const [doing, setDoing] = useState<Act | null>(null);
  const alert = useQuery({
    queryKey: ["alert", alertId],
    queryFn: () => answer(readAlert({ path: { alert_id: alertId } })),
  });
  const proposals = useQuery({
    queryKey: ["alert", alertId, "proposals"],
    queryFn: async () => (await answer(listProposals({ query: { subject: alertId } }))).items,
  });
  const one = alert.data;
  const acts = one === undefined ? [] : actsOfAlert(one, role);
  useShortcuts(
    acts
      .filter((act) => act.name in KEYS)
      .map((act) => ({ keys: KEYS[act.name] as string, says: actName(act.name), run: () => setDoing(act) })),
  );
  const found = one === undefined ? {} : foundIn(one);
  const name = found.enterprise?.name ?? one?.enterprise_code ?? "";
  useEffect(() => {
    if (name !== "") document.title = `${name} · ${t("one")}`;
  }, [name, t]);
  if (isProblem(alert.error) && (alert.error.status === 404 || alert.error.status === 422))
    return <NotThere />;
  if (one === undefined)
    return alert.error === null ? (
      <Loading lines={10} />
    ) : (
      <ProblemNote problem={alert.error} again={() => void alert.refetch()} />
    );
  const event = one.event as { source?: string; id?: string };
  return (
    <div className={page.case}>
      <header className={`tc-surface ${page.head}`}>
        <div className={page.title}>
          <LevelTag level={one.level} />
          <h1>{name}</h1>
          {one.dismissed_at != null && <span className={styles.mark}>{t("dismissed")}</span>}
          {one.held_since != null && <span className={styles.mark}>{t("held")}</span>}
          {one.counted_on != null && <span className={styles.mark}>{t("counted")}</span>}
        </div>
        <dl className={page.facts}>
          <div>
            <dt>{t("enterprise")}</dt>
            <dd>
              <Link to="/cases" search={{ enterprise: one.enterprise_code }}>
                {one.enterprise_code}
              </Link>
            </dd>
          </div>
          <div>
            <dt>{t("issued")}</dt>
            <dd>
              <Time at={one.issued_at} year />
            </dd>
          </div>
          <div>
            <dt>{t("received")}</dt>
            <dd>
              <Time at={one.received_at} year />
            </dd>
          </div>
          <div>
            <dt>{t("platform")}</dt>
            <dd>{event.source}</dd>
          </div>
          <div>
            <dt>{t("colCase")}</dt>
            <dd>
              {one.case_id == null ? (
                t("noCase")
              ) : (
                <Link to="/cases/$caseId" params={{ caseId: one.case_id }}>
                  {t("openCase")}
                </Link>
              )}
            </dd>
          </div>
          {one.counted_on != null && (
            <div>
              <dt>{t("countedOn")}</dt>
              <dd>
                <Link to="/alerts/$alertId" params={{ alertId: one.counted_on }}>
                  {t("one")}
                </Link>
              </dd>
            </div>
          )}
        </dl>
        {one.held_since != null && <p className={page.warn}>{t("heldNote")}</p>}
        {one.dismissed_at != null && (
          <p className={page.warn}>
            {t("dismissedNote", { time: instantText(one.dismissed_at, spoken, true) })}
          </p>
        )}
        {one.counted > 0 && <p className="tc-quiet">{t("countedHere", { count: one.counted })}</p>}
        <div className={`${page.acts} tc-no-print`}>
          <ActButtons acts={acts} keys={KEYS} start={setDoing} />
        </div>
      </header>
      <div className={page.columns}>
        <div className={page.column}>
          <Section id="why" title={t("why")}>
            <Explanation alert={one} />
          </Section>
        </div>
        <div className={page.column}>
          <Proposals caseId={one.case_id} proposals={proposals} start={setDoing} />
          <Section id="raw" title={t("raw")} aside={<span className={page.code}>{event.id}</span>}>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
            <pre className={styles.raw} tabIndex={0}>
              {JSON.stringify(one.event, null, 2)}
            </pre>
          </Section>
        </div>
      </div>
      {doing !== null && (
        <ActDialog
          act={doing}
          close={() => setDoing(null)}
          done={() => {
            void alert.refetch();
            void proposals.refetch();
          }}
        />
      )}
    </div>
  );
}
