import { useLiveQuery } from "dexie-react-hooks";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useDevice } from "../device/FieldDevice";
import { BigButton } from "../parts/BigButton";
import { Fault } from "../parts/TextField";
import { isWaitedFor } from "../queue/entries";
import type { DraftFile } from "./draft";
import { dropFile, keepFile, sizeText, TooLarge, takeFile } from "./evidence";
import { SignatureSheet } from "./SignatureSheet";
import { SoundButton } from "./SoundButton";
import { useReportWords } from "./words";

interface EvidenceProps {
  files: DraftFile[];
  /** How many files of the report that was sent before stay with it. */
  kept?: number;
  onAdd: (file: DraftFile) => void;
  onRemove: (key: string) => void;
}

/** Photographs, videos, recordings and the signature: taken, looked at, taken out again. */
export function Evidence({ files, kept = 0, onAdd, onRemove }: EvidenceProps) {
  const t = useReportWords();
  const { database, claim } = useDevice();
  const [busy, setBusy] = useState(0);
  const [fault, setFault] = useState<string>();
  const [signing, setSigning] = useState(false);
  const keep = async (blob: Blob, fileKind: "sound" | "signature", name: string) => {
    try {
      onAdd(await keepFile(database, { blob, fileKind, name, takenAt: claim() }));
    } catch (error) {
      setFault(faultOf(error, t));
    }
  };
  const take = async (chosen: FileList | null) => {
    setFault(undefined);
    const taken = [...(chosen ?? [])];
    setBusy((count) => count + taken.length);
    for (const file of taken) {
      try {
        onAdd(await takeFile(database, file, claim()));
      } catch (error) {
        setFault(faultOf(error, t));
      }
      setBusy((count) => count - 1);
    }
  };
  return (
    <section className="field-panel">
      <h2>{t("evidence")}</h2>
      <div className="field-takes">
        <FileButton accept="image/*" capture onTake={take}>
          {t("camera")}
        </FileButton>
        <FileButton accept="image/*,video/*" multiple onTake={take}>
          {t("album")}
        </FileButton>
        <FileButton accept="video/*" capture onTake={take}>
          {t("video")}
        </FileButton>
        <SoundButton
          onRecorded={({ blob, extension }) => keep(blob, "sound", `${t("soundName")}.${extension}`)}
          onFault={() => setFault(t("noMicrophone"))}
        />
        <BigButton look="plain" onPress={() => setSigning(true)}>
          {t("signature")}
        </BigButton>
      </div>
      <p role="status" className="field-quiet">
        {busy > 0 && t("reducing", { count: busy })}
      </p>
      {fault && <Fault>{fault}</Fault>}
      {kept > 0 && <p className="field-quiet">{t("keptFiles", { count: kept })}</p>}
      <ul className="field-files">
        {files.map((file) => (
          <FileLine
            key={file.key}
            file={file}
            onRemove={() => {
              onRemove(file.key);
              void dropFile(database, file.key);
            }}
          />
        ))}
      </ul>
      {signing && (
        <SignatureSheet
          onClose={() => setSigning(false)}
          onSigned={(blob, present) => {
            setSigning(false);
            const name =
              present === undefined ? t("signatureName") : t("presentSignature", { name: present });
            void keep(blob, "signature", `${name}.png`);
          }}
        />
      )}
    </section>
  );
}

function faultOf(error: unknown, t: ReturnType<typeof useReportWords>): string {
  if (error instanceof TooLarge) return t("tooLarge", { name: error.message });
  const full = error instanceof Error && /quota/i.test(`${error.name} ${error.message}`);
  return full ? t("full") : String(error);
}

interface FileButtonProps {
  accept: string;
  capture?: boolean;
  multiple?: boolean;
  onTake: (files: FileList | null) => void;
  children: ReactNode;
}

/** A file input that looks like the buttons beside it. */
function FileButton({ accept, capture, multiple, onTake, children }: FileButtonProps) {
  return (
    <label className="field-take">
      {children}
      <input
        className="tc-hidden"
        type="file"
        accept={accept}
        multiple={multiple}
        {...(capture && { capture: "environment" as const })}
        onChange={(event) => {
          onTake(event.target.files);
          event.target.value = "";
        }}
      />
    </label>
  );
}

function FileLine({ file, onRemove }: { file: DraftFile; onRemove: () => void }) {
  const t = useReportWords();
  return (
    <li className="field-file">
      <Preview file={file} />
      <span className="field-file-name">
        {t(file.fileKind)}
        <small>
          {file.name} · {sizeText(file.size)}
        </small>
        {!isWaitedFor(file.fileKind) && <small className="field-quiet">{t("later")}</small>}
      </span>
      <button
        type="button"
        className="field-text-button"
        aria-label={t("removeNamed", { name: file.name })}
        onClick={onRemove}
      >
        {t("remove")}
      </button>
    </li>
  );
}

const SIGNS = { photo: "▣", signature: "✎", sound: "♪", video: "▶" };

/** A photograph as it will be sent; what cannot be shown is named by its kind. */
function Preview({ file }: { file: Pick<DraftFile, "key" | "fileKind"> }) {
  const { database } = useDevice();
  const picture = useRef<HTMLImageElement>(null);
  const stored = useLiveQuery(() => database.files.get(file.key), [database, file.key]);
  const shown = stored !== undefined && (file.fileKind === "photo" || file.fileKind === "signature");
  useEffect(() => {
    if (!shown || !picture.current) return;
    const address = URL.createObjectURL(stored.blob);
    picture.current.src = address;
    return () => URL.revokeObjectURL(address);
  }, [stored, shown]);
  if (!shown)
    return (
      <span className="field-file-sign" aria-hidden="true">
        {SIGNS[file.fileKind]}
      </span>
    );
  return <img ref={picture} className="field-file-picture" alt="" />;
}
