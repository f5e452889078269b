import "../parts/parts.css";
import { useAct } from "@shared/api/act";
import { declareShutdown, type ShutdownDeclaration } from "@shared/api/generated/ingest";
import { answer } from "@shared/api/request";
import { instantOf } from "@shared/clock/shanghai";
import { speak, useLanguage } from "@shared/language";
import { Empty, instantText, MomentInput, ProblemNote, toast } from "@shared/parts";
import { useMe } from "@shared/session/me";
import { useState } from "react";
import { CheckedForm } from "../parts/CheckedForm";
import { useEnterpriseWords } from "../parts/words";
import { useProposals, useShutdowns } from "../queries";
import { useShutdownsWords } from "./words";

const KINDS = ["maintenance", "holiday", "other"] as const;

/** Planned shutdowns: declared ahead, confirmed by the station. */
export function Screen() {
  const title = useShutdownsWords();
  const t = useEnterpriseWords();
  const spoken = useLanguage();
  const say = speak(spoken);
  const confirmed = useShutdowns();
  const waiting = (useProposals().data ?? []).filter(
    (one) => one.alert_id === null && one.state !== "confirmed",
  );
  const items = confirmed.data ?? [];
  return (
    <div className="ent-page">
      <h1>{title("title")}</h1>
      <p className="tc-quiet">{t("shutdownsHint")}</p>
      <Declaring />
      {confirmed.error !== null && <ProblemNote problem={confirmed.error} />}
      {waiting.length > 0 && (
        <section className="tc-surface" aria-label={t("waitingOnes")}>
          <ul className="ent-entries">
            {waiting.map((one) => (
              <li key={one.proposal_id}>
                <b>{say(one.summary)}</b> · {t(`state_${one.state}`)}
                <div className="tc-quiet">{one.reason}</div>
                {one.explanation !== null && <div>{one.explanation}</div>}
              </li>
            ))}
          </ul>
        </section>
      )}
      <h2>{t("confirmedOnes")}</h2>
      {items.length === 0 ? (
        <Empty title={t("noShutdowns")} />
      ) : (
        <section className="tc-surface">
          <ul className="ent-entries">
            {items.map((one) => (
              <li key={one.shutdown_id}>
                <b>
                  {instantText(one.start, spoken, true)} – {instantText(one.end, spoken, true)}
                </b>{" "}
                · {t(one.kind)} · {one.outlet ?? t("whole")}
                <div className="tc-quiet">{one.reason}</div>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Declaring() {
  const t = useEnterpriseWords();
  const enterprises = useMe().data?.enterprises ?? [];
  const [enterprise, setEnterprise] = useState("");
  const [outlet, setOutlet] = useState("");
  const [start, setStart] = useState("");
  const [end, setEnd] = useState("");
  const [kind, setKind] = useState<(typeof KINDS)[number]>("maintenance");
  const [reason, setReason] = useState("");
  const declaring = useAct({
    run: (body: ShutdownDeclaration, headers) => answer(declareShutdown({ body, headers })),
    changes: [["shutdowns"], ["proposals"]],
    done: () => {
      setReason("");
      setStart("");
      setEnd("");
      toast.done(t("declared"));
    },
  });
  const send = (): void =>
    declaring.mutate({
      enterprise_code: enterprise || (enterprises[0]?.code ?? ""),
      outlet: outlet.trim() || null,
      start: instantOf(start) ?? "",
      end: instantOf(end) ?? "",
      kind,
      reason: reason.trim(),
    });
  return (
    <CheckedForm
      send={send}
      sending={declaring.isPending || enterprises.length === 0}
      aria-label={t("declare")}
    >
      <h2>{t("declare")}</h2>
      {enterprises.length > 1 && (
        <label>
          {t("enterprise")}
          <select value={enterprise} onChange={({ target }) => setEnterprise(target.value)}>
            {enterprises.map(({ code, name }) => (
              <option key={code} value={code}>
                {name ?? code}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        {t("kind")}
        <select
          value={kind}
          onChange={({ target }) => setKind(KINDS.find((one) => one === target.value) ?? "other")}
        >
          {KINDS.map((one) => (
            <option key={one} value={one}>
              {t(one)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t("outletCode")}
        <input value={outlet} maxLength={64} onChange={({ target }) => setOutlet(target.value)} />
      </label>
      <label>
        {t("start")}
        <MomentInput required value={start} onChange={setStart} />
      </label>
      <label>
        {t("end")}
        <MomentInput required min={start} value={end} onChange={setEnd} />
      </label>
      <label>
        {t("why")}
        <textarea
          required
          rows={2}
          maxLength={2000}
          value={reason}
          onChange={({ target }) => setReason(target.value)}
        />
      </label>
      {declaring.error !== null && <ProblemNote problem={declaring.error} />}
    </CheckedForm>
  );
}
