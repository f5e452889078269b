import { useState } from "react";
import { useDevice } from "../device/FieldDevice";
import { BigButton } from "../parts/BigButton";
import { Sheet } from "../parts/Sheet";
import { enqueueFiles } from "../queue/queue";
import type { DraftFile } from "./draft";
import { Evidence } from "./Evidence";
import { useReportWords } from "./words";

interface MoreFilesProps {
  caseId: string;
  onClose: () => void;
}

/** Files for the case beside its report: by the second officer, or afterwards. */
export function MoreFiles({ caseId, onClose }: MoreFilesProps) {
  const t = useReportWords();
  const { database } = useDevice();
  const [files, setFiles] = useState<DraftFile[]>([]);
  const send = async () => {
    await enqueueFiles(database, caseId, files);
    onClose();
  };
  return (
    <Sheet title={t("moreTitle")} open onClose={onClose}>
      <Evidence
        files={files}
        onAdd={(file) => setFiles((before) => [...before, file])}
        onRemove={(key) => setFiles((before) => before.filter((file) => file.key !== key))}
      />
      <BigButton onPress={send} disabled={files.length === 0}>
        {t("send", { count: files.length })}
      </BigButton>
    </Sheet>
  );
}
