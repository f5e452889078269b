import { useAct } from "@shared/api/act";
import { submitSelfReport } from "@shared/api/generated/dispatcher";
import { answer } from "@shared/api/request";
import { serverNow } from "@shared/clock";
import { instantOf, momentOf } from "@shared/clock/shanghai";
import { MomentInput, ProblemNote, toast } from "@shared/parts";
import { CheckedForm } from "../parts/CheckedForm";
import { useEnterpriseWords } from "../parts/words";
import { Files, type Kept } from "./Files";
import { useDraft } from "./useDraft";

interface Draft {
  interim: boolean;
  cause: string;
  measures: string;
  finished: string;
  planned: string;
  files: Kept[];
}

const EMPTY: Draft = { interim: false, cause: "", measures: "", finished: "", planned: "", files: [] };

/** The report that is asked for, final or interim. What is written stays on the device until it was taken. */
export function ReportForm({ caseId, mayInterim }: { caseId: string; mayInterim: boolean }) {
  const t = useEnterpriseWords();
  const { draft, set, forget } = useDraft(`tricolor.report.${caseId}`, EMPTY);
  const sending = useAct({
    run: (body: Draft, headers) =>
      answer(
        submitSelfReport({
          path: { case_id: caseId },
          headers,
          body: {
            cause: body.cause.trim(),
            measures: body.measures.trim(),
            attachments: body.files.map((file) => file.id),
            ...(body.interim
              ? { interim: true, planned_end: instantOf(body.planned) ?? null }
              : { finished_at: instantOf(body.finished) ?? null }),
          },
        }),
      ),
    changes: [["case", caseId], ["cases"]],
    done: () => {
      forget();
      toast.done(t("submitted"));
    },
  });
  return (
    <CheckedForm send={() => sending.mutate(draft)} sending={sending.isPending} aria-label={t("report")}>
      <h2>{t("report")}</h2>
      <p className="tc-quiet">{t("reportHint")}</p>
      {mayInterim && (
        <fieldset>
          <div>
            {([false, true] as const).map((interim) => (
              <label key={String(interim)} className="ent-choice">
                <input
                  type="radio"
                  name="interim"
                  checked={draft.interim === interim}
                  onChange={() => set({ interim })}
                />
                {t(interim ? "interim" : "final")}
              </label>
            ))}
          </div>
        </fieldset>
      )}
      <label>
        {t("cause")}
        <textarea
          required
          rows={3}
          maxLength={4000}
          value={draft.cause}
          onChange={({ target }) => set({ cause: target.value })}
        />
      </label>
      <label>
        {t("measures")}
        <textarea
          required
          rows={3}
          maxLength={4000}
          value={draft.measures}
          onChange={({ target }) => set({ measures: target.value })}
        />
      </label>
      {draft.interim ? (
        <label>
          {t("plannedEnd")}
          <MomentInput
            required
            min={momentOf(serverNow())}
            value={draft.planned}
            onChange={(planned) => set({ planned })}
          />
        </label>
      ) : (
        <label>
          {t("finishedAt")}
          <MomentInput
            required
            max={() => momentOf(serverNow())}
            value={draft.finished}
            onChange={(finished) => set({ finished })}
          />
        </label>
      )}
      <Files caseId={caseId} label={t("photos")} files={draft.files} set={(files) => set({ files })} />
      {sending.error !== null && <ProblemNote problem={sending.error} />}
      <p className="tc-quiet">{t("draft")}</p>
    </CheckedForm>
  );
}
