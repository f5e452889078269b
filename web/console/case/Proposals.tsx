import type { Proposal } from "@shared/api/generated/ingest";
import { speak, useLanguage } from "@shared/language";
import { Empty, Loading, ProblemNote, Time } from "@shared/parts";
import { useSession } from "@shared/session/session";
import { roleName } from "@shared/words";
import type { UseQueryResult } from "@tanstack/react-query";
import { usePeople } from "../list/usePeople";
import { type Act, actsOfProposal } from "./acts/acts";
import { choiceOf, useActName } from "./acts/words";
import styles from "./case.module.css";
import { PleaFiles } from "./PleaFiles";
import { Section } from "./Section";
import { useCaseWords } from "./words";

const STATES = {
  open: "proposalOpen",
  confirmed: "proposalConfirmed",
  rejected: "proposalRejected",
  withdrawn: "proposalWithdrawn",
  expired: "proposalExpired",
  failed: "proposalFailed",
} as const;

interface Proposed {
  proposals: UseQueryResult<Proposal[]>;
  /** The case that evidence is attached to; null where there is none. */
  caseId: string | null;
  start: (act: Act) => void;
}

/** What takes two people: what was proposed about the case, by whom, and what one may say to it. */
export function Proposals({ proposals, caseId, start }: Proposed) {
  const t = useCaseWords();
  const spoken = useLanguage();
  const say = speak(spoken);
  const actName = useActName();
  const nameOf = usePeople();
  const person = useSession()?.person;
  const all = proposals.data ?? [];
  return (
    <Section id="proposals" title={t("proposals")}>
      {proposals.error !== null && (
        <ProblemNote problem={proposals.error} again={() => void proposals.refetch()} />
      )}
      {proposals.isLoading && <Loading lines={2} />}
      {proposals.data !== undefined && all.length === 0 && <Empty title={t("noProposals")} />}
      <ul className={styles.list}>
        {all.map((proposal) => (
          <li key={proposal.proposal_id} data-open={proposal.state === "open"}>
            <b>{say(proposal.name)}</b>{" "}
            <span data-tone={proposal.state === "open" ? "warning" : undefined}>
              {proposal.state in STATES ? t(STATES[proposal.state as keyof typeof STATES]) : proposal.state}
            </span>
            <div>{say(proposal.summary)}</div>
            <div className="tc-quiet">
              {proposal.reason}
              {proposal.ground !== "" &&
                proposal.ground !== proposal.reason &&
                `（${choiceOf(proposal.ground, spoken) ?? proposal.ground}）`}
            </div>
            <div className="tc-quiet">
              {roleName(proposal.proposed_role, spoken)} {nameOf(proposal.proposed_by)} ·{" "}
              <Time at={proposal.proposed_at} />
              {proposal.decided_by != null && (
                <>
                  {" → "}
                  {roleName(proposal.decided_role, spoken)} {nameOf(proposal.decided_by)} ·{" "}
                  <Time at={proposal.decided_at} />
                </>
              )}
              {proposal.state === "open" && (
                <>
                  {" · "}
                  {t("expires")} <Time at={proposal.expires_at} />
                </>
              )}
            </div>
            {proposal.explanation != null && proposal.explanation !== "" && <div>{proposal.explanation}</div>}
            {proposal.kind === "plea" && caseId !== null && <PleaFiles plea={proposal} caseId={caseId} />}
            {person !== undefined && (
              <span className={`${styles.inline} tc-no-print`}>
                {actsOfProposal(proposal, person.role, person.subject).map((act) => (
                  <button
                    key={act.name}
                    type="button"
                    className={act.tone === "primary" ? "tc-button" : "tc-button tc-button-plain"}
                    onClick={() => start(act)}
                  >
                    {actName(act.name)}
                  </button>
                ))}
              </span>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
