import type { Attachment } from "@shared/api/generated/dispatcher";
import type { Problem } from "@shared/api/problem";
import { read } from "@shared/api/request";
import { serverNow } from "@shared/clock";
import { instantOf, momentOf } from "@shared/clock/shanghai";
import { ProblemNote, toast } from "@shared/parts";
import { useState } from "react";
import { useEnterpriseWords } from "../parts/words";

const MOST_BYTES = 20 * 1024 * 1024;

export interface Kept {
  id: string;
  name: string;
}

interface Choosing {
  caseId: string;
  label: string;
  files: Kept[];
  set: (files: Kept[]) => void;
}

/** Files that a report or a plea rests on: each is sent as it is chosen, so that what rests on it is quick. */
export function Files({ caseId, label, files, set }: Choosing) {
  const t = useEnterpriseWords();
  const [sending, setSending] = useState(0);
  const [problem, setProblem] = useState<Problem | null>(null);
  const send = async (chosen: File[]): Promise<void> => {
    setProblem(null);
    let kept = files;
    for (const file of chosen) {
      if (file.size > MOST_BYTES) {
        toast.failed(new Error(`${file.name}: ${t("tooLarge")}`));
        continue;
      }
      setSending((before) => before + 1);
      const body = new FormData();
      body.append("taken_at", instantOf(momentOf(file.lastModified || serverNow())) ?? "");
      body.append("file", file, file.name);
      try {
        const stored = await read<Attachment>(`/dispatch/v1/cases/${caseId}/attachments`, {
          method: "POST",
          body,
          headers: { "Idempotency-Key": crypto.randomUUID() },
        });
        kept = [...kept, { id: stored.attachment_id, name: file.name }];
        set(kept);
      } catch (error) {
        setProblem(error as Problem);
      } finally {
        setSending((before) => before - 1);
      }
    }
  };
  return (
    <div>
      <span className="ent-label">{label}</span>
      <label className="tc-button tc-button-plain ent-choose">
        {t("choose")}
        <input
          type="file"
          className="tc-hidden"
          aria-label={label}
          multiple
          accept="image/*,video/*,application/pdf"
          onChange={({ target }) => {
            void send([...(target.files ?? [])]);
            target.value = "";
          }}
        />
      </label>
      {sending > 0 && <p role="status">{t("uploading")}</p>}
      {problem !== null && <ProblemNote problem={problem} />}
      <ul className="ent-files">
        {files.map((file) => (
          <li key={file.id}>
            <span>
              {file.name} · {t("uploaded")}
            </span>
            <button
              type="button"
              className="tc-link"
              onClick={() => set(files.filter((one) => one.id !== file.id))}
            >
              {t("remove")}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
