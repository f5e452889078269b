import { useAct } from "@shared/api/act";
import { type AlertAnswer, pleadFalseAlarm } from "@shared/api/generated/ingest";
import { answer } from "@shared/api/request";
import { speak, useLanguage } from "@shared/language";
import { instantText, ProblemNote, toast } from "@shared/parts";
import { useState } from "react";
import { CheckedForm } from "../parts/CheckedForm";
import { useEnterpriseWords } from "../parts/words";
import { useProposals } from "../queries";
import { Files, type Kept } from "./Files";

interface Pleading {
  alert: AlertAnswer;
  /** The matter that its evidence is attached to. */
  caseId: string;
  mayPlead: boolean;
}

/** The plea that an alert is false, and what came of it. It stops no clock. */
export function Plea({ alert, caseId, mayPlead }: Pleading) {
  const t = useEnterpriseWords();
  const spoken = useLanguage();
  const say = speak(spoken);
  const pleas = (useProposals().data ?? []).filter((one) => one.alert_id === alert.alert_id);
  const isOpen = pleas.some((one) => one.state === "open");
  return (
    <>
      {pleas.length > 0 && (
        <section className="tc-surface">
          <ul className="ent-entries">
            {pleas.map((one) => (
              <li key={one.proposal_id}>
                <b>{say(one.name)}</b> · {t(`state_${one.state}`)}
                <div className="tc-quiet">
                  {instantText(one.proposed_at, spoken)} · {one.reason}
                </div>
                {one.explanation !== null && <div>{one.explanation}</div>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {mayPlead && !isOpen && <PleaForm alertId={alert.alert_id} caseId={caseId} />}
    </>
  );
}

function PleaForm({ alertId, caseId }: { alertId: string; caseId: string }) {
  const t = useEnterpriseWords();
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const [evidence, setEvidence] = useState<Kept[]>([]);
  const pleading = useAct({
    run: (body: { reason: string; evidence: string[] }, headers) =>
      answer(pleadFalseAlarm({ path: { alert_id: alertId }, body, headers })),
    changes: [["proposals"], ["alerts"]],
    done: () => {
      setOpen(false);
      toast.done(t("pleaded"));
    },
  });
  const send = (): void =>
    pleading.mutate({ reason: reason.trim(), evidence: evidence.map((file) => file.id) });
  if (!isOpen)
    return (
      <button type="button" className="tc-button tc-button-plain ent-beside" onClick={() => setOpen(true)}>
        {t("plead")}
      </button>
    );
  return (
    <CheckedForm send={send} sending={pleading.isPending} aria-label={t("plead")}>
      <h2>{t("plead")}</h2>
      <p className="tc-quiet">{t("pleadHint")}</p>
      <label>
        {t("pleadReason")}
        <textarea
          required
          rows={3}
          maxLength={2000}
          value={reason}
          onChange={({ target }) => setReason(target.value)}
        />
      </label>
      <Files caseId={caseId} label={t("evidence")} files={evidence} set={setEvidence} />
      {pleading.error !== null && <ProblemNote problem={pleading.error} />}
    </CheckedForm>
  );
}
