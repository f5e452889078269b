import { useAct } from "@shared/api/act";
import type { Attachment, CaseAnswer } from "@shared/api/generated/dispatcher";
import * as scope from "@shared/api/generated/scope";
import { noAnswer, problemOf } from "@shared/api/problem";
import { download, read, signedFetch } from "@shared/api/request";
import { Empty, Loading, ProblemNote, Time, toast } from "@shared/parts";
import { useMay } from "@shared/session/may";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { usePeople } from "../list/usePeople";
import type { Act } from "./acts/acts";
import styles from "./case.module.css";
import { size } from "./entry_words";
import { useAttachments, useDoubtfulFiles } from "./queries";
import { useCaseWords } from "./words";

/** The files of the case with previews, and those that a person has to judge first. */
export function Evidence({ found, start }: { found: CaseAnswer; start: (act: Act) => void }) {
  const t = useCaseWords();
  const nameOf = usePeople();
  const files = useAttachments(found.case_id);
  const doubtful = useDoubtfulFiles(found.case_id);
  const maySend = useMay(scope.addAttachment);
  const [shown, setShown] = useState<Attachment | null>(null);
  const mayAdd = maySend && found.closed_at == null;
  return (
    <>
      {files.error !== null && <ProblemNote problem={files.error} again={() => void files.refetch()} />}
      {files.isLoading && <Loading lines={2} />}
      {files.data?.length === 0 && <Empty title={t("noEvidence")} />}
      {files.data !== undefined && files.data.length > 0 && (
        <ul className={styles.files}>
          {files.data.map((file) => (
            <li key={file.attachment_id}>
              <button type="button" className={styles.preview} onClick={() => setShown(file)}>
                <Preview file={file} />
                <span className={styles.fileName}>{file.name}</span>
              </button>
              <span className="tc-quiet">
                {size(file.size)} · <Time at={file.claimed_at ?? file.added_at} />
                <br />
                {nameOf(file.added_by)}
                {file.overruling != null && <span title={file.overruling.reason}> · {t("overruled")}</span>}
              </span>
            </li>
          ))}
        </ul>
      )}
      {(doubtful.data?.length ?? 0) > 0 && (
        <ul className={styles.list}>
          {doubtful.data?.map((file) => (
            <li key={file.upload_id}>
              <b>{file.name}</b> <span className="tc-quiet">{size(file.length)}</span>
              <p className={styles.warn}>{file.doubt}</p>
              {mayAdd && (
                <span className="tc-no-print">
                  <button
                    type="button"
                    className="tc-link"
                    onClick={() =>
                      void download(`/dispatch/v1/uploads/${file.upload_id}/content`, file.name).catch(
                        toast.failed,
                      )
                    }
                  >
                    {t("look")}
                  </button>{" "}
                  <button
                    type="button"
                    className="tc-link"
                    onClick={() =>
                      start({
                        name: "overrule",
                        path: `/dispatch/v1/uploads/${file.upload_id}/overrule`,
                        fields: [{ name: "reason", kind: "long", required: true }],
                        body: (values) => values,
                      })
                    }
                  >
                    {t("takeAsEvidence")}
                  </button>
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {mayAdd && <AddFile caseId={found.case_id} />}
      {shown !== null && <Viewer file={shown} close={() => setShown(null)} />}
    </>
  );
}

function address(file: Attachment): string {
  return `/dispatch/v1/attachments/${file.attachment_id}`;
}

/** The bytes of a file as an address of this page; they never change, so they are read once. */
function useContent(file: Attachment, wanted: boolean) {
  const blob = useQuery({
    queryKey: ["attachment", file.attachment_id],
    queryFn: async ({ signal }) => {
      const response = await signedFetch(address(file), { signal }).catch((error: unknown) => {
        throw noAnswer(error);
      });
      if (!response.ok) throw problemOf(response, await response.json().catch(() => undefined));
      return response.blob();
    },
    enabled: wanted,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (blob.data === undefined) return;
    const made = URL.createObjectURL(blob.data);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob.data]);
  return { url, error: blob.error, again: () => void blob.refetch() };
}

const SIGNS: Record<string, string> = { video: "▶", audio: "♪", application: "▤", image: "▨" };
const LARGEST_PREVIEW = 12 * 1024 * 1024;

function Preview({ file }: { file: Attachment }) {
  const kind = file.media_type.split("/")[0] ?? "";
  const isImage = kind === "image" && file.size <= LARGEST_PREVIEW;
  const { url } = useContent(file, isImage);
  if (isImage && url !== null) return <img src={url} alt="" />;
  return (
    <span className={styles.sign} aria-hidden="true">
      {SIGNS[kind] ?? "▤"}
    </span>
  );
}

/** One file, large: pictures, sound and films play here, anything else is saved. */
export function Viewer({ file, close }: { file: Attachment; close: () => void }) {
  const t = useCaseWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const kind = file.media_type.split("/")[0] ?? "";
  const isShown = ["image", "video", "audio"].includes(kind);
  const { url, error, again } = useContent(file, isShown);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className={styles.viewer} onClose={close} aria-label={file.name}>
      <header>
        <b>{file.name}</b>
        <button
          type="button"
          className="tc-button tc-button-plain"
          onClick={() => void download(address(file), file.name).catch(toast.failed)}
        >
          {t("save")}
        </button>
        <button type="button" className="tc-button" onClick={() => dialog.current?.close()}>
          {t("closeViewer")}
        </button>
      </header>
      <ProblemNote problem={error} again={again} />
      {isShown && url === null && error === null && <Loading lines={6} />}
      {url !== null && kind === "image" && <img src={url} alt={file.name} />}
      {url !== null && kind === "video" && (
        // biome-ignore lint/a11y/useMediaCaption: evidence as it was filmed has no captions
        <video src={url} controls />
      )}
      {url !== null && kind === "audio" && (
        // biome-ignore lint/a11y/useMediaCaption: evidence as it was recorded has no captions
        <audio src={url} controls />
      )}
      {!isShown && <Empty title={t("noPreview")} />}
      <dl className={styles.facts}>
        <div>
          <dt>SHA-256</dt>
          <dd className={styles.code}>{file.sha256}</dd>
        </div>
        <div>
          <dt>{t("taken")}</dt>
          <dd>
            <Time at={file.claimed_at} year />
          </dd>
        </div>
        <div>
          <dt>{t("received")}</dt>
          <dd>
            <Time at={file.added_at} year /> · {file.added_by}
          </dd>
        </div>
      </dl>
    </dialog>
  );
}

function AddFile({ caseId }: { caseId: string }) {
  const t = useCaseWords();
  const input = useRef<HTMLInputElement>(null);
  const add = useAct({
    run: (file: File, headers) => {
      const body = new FormData();
      body.append("file", file);
      return read<Attachment>(`/dispatch/v1/cases/${caseId}/attachments`, {
        method: "POST",
        body,
        headers: { ...headers },
      });
    },
    changes: [["case", caseId]],
    done: (file) => toast.done(t("added", { name: file.name })),
  });
  return (
    <div className="tc-no-print">
      <input
        ref={input}
        type="file"
        className="tc-hidden"
        aria-label={t("addFile")}
        tabIndex={-1}
        onChange={({ target }) => {
          const file = target.files?.[0];
          target.value = "";
          if (file !== undefined) add.mutate(file);
        }}
      />
      <button
        type="button"
        className="tc-button tc-button-plain"
        disabled={add.isPending}
        onClick={() => input.current?.click()}
      >
        {add.isPending ? t("sending") : t("addFile")}
      </button>
      <ProblemNote problem={add.error} />
    </div>
  );
}
