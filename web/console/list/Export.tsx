import { download } from "@shared/api/request";
import { toast } from "@shared/parts";
import { useState } from "react";
import styles from "./list.module.css";
import { useListWords } from "./words";

/** Saves what a list shows as a sheet, with its filters written into it. */
export function Export({ address, name }: { address: (suffix: "xlsx" | "csv") => string; name: string }) {
  const t = useListWords();
  const [busy, setBusy] = useState(false);
  const save = async (suffix: "xlsx" | "csv"): Promise<void> => {
    setBusy(true);
    try {
      await download(address(suffix), `${name}.${suffix}`);
    } catch (problem) {
      toast.failed(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <span className={styles.exports}>
      <span className="tc-quiet">{busy ? t("exporting") : t("export")}</span>
      <button
        type="button"
        className="tc-link tc-link-plain"
        disabled={busy}
        onClick={() => void save("xlsx")}
      >
        {t("exportXlsx")}
      </button>
      <button
        type="button"
        className="tc-link tc-link-plain"
        disabled={busy}
        onClick={() => void save("csv")}
      >
        {t("exportCsv")}
      </button>
    </span>
  );
}
