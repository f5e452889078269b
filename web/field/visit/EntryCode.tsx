import { useEffect, useRef, useState } from "react";
import { BigButton } from "../parts/BigButton";
import { LineField } from "../parts/TextField";
import { canScan, scan } from "./entry_code";
import { useVisitWords } from "./words";

interface EntryCodeProps {
  value: string;
  onChange: (code: string) => void;
}

/** The code at the gate: scanned where the browser can, else typed. Arriving without it is possible, and on file. */
export function EntryCode({ value, onChange }: EntryCodeProps) {
  const t = useVisitWords();
  const [able, setAble] = useState(false);
  const [scanning, setScanning] = useState(false);
  const [failed, setFailed] = useState(false);
  useEffect(() => void canScan().then(setAble, () => setAble(false)), []);
  return (
    <div className="field-entry-code">
      {able && !scanning && (
        <BigButton
          look="plain"
          onPress={() => {
            setFailed(false);
            setScanning(true);
          }}
        >
          {t("scan")}
        </BigButton>
      )}
      {scanning && (
        <Camera
          onEnd={(code) => {
            setScanning(false);
            if (code !== null) onChange(code);
          }}
          onFail={() => {
            setScanning(false);
            setFailed(true);
          }}
        />
      )}
      {failed && (
        <p role="alert" className="field-hint">
          {t("noCamera")}
        </p>
      )}
      <LineField label={t("entryCode")} value={value} onChange={onChange} placeholder={t("entryCodeWhere")} />
    </div>
  );
}

function Camera({ onEnd, onFail }: { onEnd: (code: string | null) => void; onFail: () => void }) {
  const t = useVisitWords();
  const video = useRef<HTMLVideoElement>(null);
  const ends = useRef({ onEnd, onFail });
  ends.current = { onEnd, onFail };
  useEffect(() => {
    const ended = new AbortController();
    if (video.current !== null)
      scan(video.current, ended.signal).then(
        (code) => !ended.signal.aborted && ends.current.onEnd(code),
        () => !ended.signal.aborted && ends.current.onFail(),
      );
    return () => ended.abort();
  }, []);
  return (
    <div className="field-camera">
      <video ref={video} muted playsInline aria-label={t("scanHint")} />
      <p>{t("scanHint")}</p>
      <BigButton look="plain" onPress={() => onEnd(null)}>
        {t("stopScan")}
      </BigButton>
    </div>
  );
}
