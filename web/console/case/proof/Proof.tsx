import { type CaseAnswer, type ServiceEvidence, verifyCase } from "@shared/api/generated/dispatcher";
import * as scope from "@shared/api/generated/scope";
import { answer } from "@shared/api/request";
import { serverNow } from "@shared/clock";
import { useLanguage } from "@shared/language";
import { instantText, Loading, ProblemNote } from "@shared/parts";
import { useMay } from "@shared/session/may";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Section } from "../Section";
import styles from "./proof.module.css";
import { TakeAway } from "./TakeAway";
import { useProofWords } from "./words";

/** Whether the evidence of the case is as it was written, checked now (✓ or ✗), and the whole file to take away. */
export function Proof({ found }: { found: CaseAnswer }) {
  const t = useProofWords();
  const spoken = useLanguage();
  const mayTake = useMay(scope.exportCase);
  const [taking, setTaking] = useState(false);
  const check = useQuery({
    queryKey: ["case", found.case_id, "proof"],
    queryFn: async () => ({
      ...(await answer(verifyCase({ path: { case_id: found.case_id } }))),
      checked: serverNow(),
    }),
  });
  const proof = check.data;
  const count = proof?.services.reduce((sum, one) => sum + one.records, 0) ?? 0;
  return (
    <Section
      id="proof"
      title={t("title")}
      aside={
        <button
          type="button"
          className="tc-link tc-no-print"
          disabled={check.isFetching}
          onClick={() => void check.refetch()}
        >
          {t(check.isFetching ? "checking" : "again")}
        </button>
      }
    >
      {check.error !== null && <ProblemNote problem={check.error} again={() => void check.refetch()} />}
      {check.isLoading && <Loading lines={2} />}
      {proof !== undefined && (
        <>
          <p className={styles.verdict} data-passed={proof.passed} role="status">
            <span className={styles.mark} aria-hidden="true">
              {proof.passed ? "✓" : "✗"}
            </span>
            <span>
              <b>{t(proof.passed ? "holds" : "broken")}</b>
              <br />
              {t(proof.passed ? "holdsHint" : "brokenHint", {
                count,
                time: instantText(proof.checked, spoken, true),
              })}
            </span>
          </p>
          <Faults services={proof.services} />
          <Heads services={proof.services} />
        </>
      )}
      {mayTake && (
        <div className="tc-no-print">
          {taking ? (
            <TakeAway found={found} close={() => setTaking(false)} />
          ) : (
            <button type="button" className="tc-button tc-button-plain" onClick={() => setTaking(true)}>
              {t("export")}
            </button>
          )}
        </div>
      )}
    </Section>
  );
}

function Faults({ services }: { services: readonly ServiceEvidence[] }) {
  const t = useProofWords();
  const faults = services.flatMap((one) => one.faults.map((fault) => ({ ...fault, service: one.service })));
  if (faults.length === 0) return null;
  return (
    <ul className={styles.faults}>
      {faults.map((fault) => (
        <li key={`${fault.service} ${fault.chain} ${fault.number} ${fault.code}`}>
          <b>
            {t(`service.${fault.service}` as "service.ingest")} · {t("record", { number: fault.number })}
          </b>
          <br />
          {t(`fault.${fault.code}` as "fault.number", { defaultValue: fault.detail })}
        </li>
      ))}
    </ul>
  );
}

function Heads({ services }: { services: readonly ServiceEvidence[] }) {
  const t = useProofWords();
  const kept = services.filter((one) => one.records > 0);
  return (
    <details className={styles.heads}>
      <summary>{t("heads")}</summary>
      <ul>
        {kept.map((one) => (
          <li key={one.service}>
            {t(`service.${one.service}` as "service.ingest")} · {t("records", { count: one.records })}
            {one.heads.map((head) => (
              <code key={head.chain} title={head.chain}>
                {head.number} {head.hash}
              </code>
            ))}
          </li>
        ))}
      </ul>
    </details>
  );
}
