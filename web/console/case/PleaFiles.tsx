import type { Attachment } from "@shared/api/generated/dispatcher";
import { type Proposal, readProposal } from "@shared/api/generated/ingest";
import { answer } from "@shared/api/request";
import { ProblemNote } from "@shared/parts";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import styles from "./case.module.css";
import { Viewer } from "./Evidence";
import { useAttachments } from "./queries";
import { useCaseWords } from "./words";

/** The files that a plea rests on: whoever decides on it looks at them here. */
export function PleaFiles({ plea, caseId }: { plea: Proposal; caseId: string }) {
  const t = useCaseWords();
  const [shown, setShown] = useState<Attachment | null>(null);
  const whole = useQuery({
    queryKey: ["case", caseId, "plea", plea.proposal_id],
    queryFn: () => answer(readProposal({ path: { proposal_id: plea.proposal_id } })),
    staleTime: Number.POSITIVE_INFINITY, // what was pleaded stays
  });
  const files = useAttachments(caseId);
  const named = new Set((whole.data?.parameters.evidence as string[] | undefined) ?? []);
  const evidence = (files.data ?? []).filter((one) => named.has(one.attachment_id));
  if (whole.error !== null) return <ProblemNote problem={whole.error} again={() => void whole.refetch()} />;
  if (named.size === 0) return null;
  return (
    <div>
      {t("restsOn")}
      {evidence.map((file) => (
        <button
          key={file.attachment_id}
          type="button"
          className={`tc-link ${styles.restsOn}`}
          onClick={() => setShown(file)}
        >
          {file.name}
        </button>
      ))}
      {shown !== null && <Viewer file={shown} close={() => setShown(null)} />}
    </div>
  );
}
