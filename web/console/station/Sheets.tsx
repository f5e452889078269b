import { useAct } from "@shared/api/act";
import type { ImportAnswer } from "@shared/api/generated/dispatcher";
import { download, query, read } from "@shared/api/request";
import { ProblemNote, toast } from "@shared/parts";
import { useState } from "react";
import { Differences } from "./Differences";
import { type Outcome, OutcomeNote } from "./Outcome";
import styles from "./station.module.css";
import { useStationWords } from "./words";

/** What a station's chief may import; the section imports the rest too. */
export const OF_A_STATION = ["rota", "officers"] as const;
export const OF_THE_DISTRICT = [
  "rota",
  "officers",
  "staff",
  "stations",
  "enterprises",
  "outlets",
  "inspections",
  "entry_codes",
] as const;
type Kind = (typeof OF_THE_DISTRICT)[number];

interface Sent {
  kind: Kind;
  file: File;
  /** Of the dry run that was looked at; without it, this is one. */
  digest?: string;
}

/** A sheet is tried first: what it would change is shown row by row, and only that is then applied. */
export function Sheets({ kinds }: { kinds: readonly Kind[] }) {
  const t = useStationWords();
  const [kind, setKind] = useState<Kind>("rota");
  const [file, setFile] = useState<File | null>(null);
  const [tried, setTried] = useState<ImportAnswer | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const sending = useAct({
    run: ({ kind, file, digest }: Sent, headers) => {
      const body = new FormData();
      body.append("file", file);
      return read<ImportAnswer>(`/dispatch/v1/imports${query({ kind, dry_run: digest === undefined })}`, {
        method: "POST",
        body,
        headers: { ...headers, ...(digest !== undefined && { "If-Match": `"${digest}"` }) },
      });
    },
    changes: [
      ["officers"],
      ["rota"],
      ["stations"],
      ["people"],
      ["enterprises"],
      ["cases"],
      ["board"],
      ["work"],
    ],
    done: (answer, { digest }) => {
      if (digest === undefined) return setTried(answer);
      setTried(null);
      setFile(null);
      setOutcome(answer);
      toast.done(t("imported", { count: answer.counts.new + answer.counts.changed }));
    },
  });
  const begin = (chosen: File | null, of: Kind): void => {
    setTried(null);
    setOutcome(null);
    sending.reset();
    setFile(chosen);
    setKind(of);
    if (chosen !== null) sending.mutate({ kind: of, file: chosen });
  };
  const getTemplate = (format: "xlsx" | "csv"): void =>
    void download(`/dispatch/v1/imports/template${query({ kind, format })}`, `${kind}.${format}`).catch(
      toast.failed,
    );
  const isStale = sending.error?.status === 412;
  return (
    <section className={`tc-surface ${styles.part}`}>
      <h2>{t("sheets")}</h2>
      <p className="tc-quiet">{t("sheetsHint")}</p>
      <div className={styles.acts}>
        <label>
          {t("kind")}{" "}
          <select value={kind} onChange={({ target }) => begin(null, target.value as Kind)}>
            {kinds.map((one) => (
              <option key={one} value={one}>
                {t(one === "officers" ? "officersKind" : one)}
              </option>
            ))}
          </select>
        </label>
        <button type="button" className="tc-link" onClick={() => getTemplate("xlsx")}>
          {t("templateXlsx")}
        </button>
        <button type="button" className="tc-link" onClick={() => getTemplate("csv")}>
          {t("templateCsv")}
        </button>
        <label className={`tc-button tc-button-plain ${styles.file}`}>
          {t("chooseFile")}
          <input
            type="file"
            className="tc-hidden"
            accept=".xlsx,.csv"
            onChange={({ target }) => {
              begin(target.files?.[0] ?? null, kind);
              target.value = ""; // the same name again is another file, mended
            }}
          />
        </label>
        {file !== null && <span>{file.name}</span>}
        {sending.isPending && <span className="tc-quiet">{t("trying")}</span>}
      </div>
      {sending.error !== null && (
        <ProblemNote
          problem={sending.error}
          {...(isStale && file !== null && { again: () => begin(file, kind) })}
        />
      )}
      {tried !== null && file !== null && (
        <Differences
          of={tried}
          busy={sending.isPending || isStale}
          apply={() => sending.mutate({ kind, file, digest: tried.digest })}
          leave={() => begin(null, kind)}
        />
      )}
      {outcome !== null && <OutcomeNote of={outcome} close={() => setOutcome(null)} />}
    </section>
  );
}
