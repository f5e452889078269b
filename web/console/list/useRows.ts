import { useEffect, useRef, useState } from "react";
import { useShortcuts } from "../shell/shortcuts";
import { useListWords } from "./words";

interface Rows<Row> {
  rows: readonly Row[];
  id: (row: Row) => string;
  open: (row: Row) => void;
  /** Bring the row at an index into view, where a list shows only some of its rows. */
  reveal?: (index: number) => void;
}

/** Going through rows by keyboard: j and k, Enter opens. Answers the id of the row that one is at. */
export function useRows<Row>({ rows, id, open, reveal }: Rows<Row>): string | null {
  const [current, setCurrent] = useState<string | null>(null);
  const t = useListWords();
  const step = (by: number): void => {
    if (rows.length === 0) return;
    const from = rows.findIndex((row) => id(row) === current);
    const to =
      from === -1 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, from + by));
    setCurrent(id(rows[to] as Row));
    reveal?.(to);
  };
  const revealing = useRef(reveal !== undefined);
  useEffect(() => {
    if (current === null || revealing.current) return;
    document.querySelector(`[data-row="${CSS.escape(current)}"]`)?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const openCurrent = (): void => {
    const row = rows.find((one) => id(one) === current);
    if (row !== undefined) open(row);
  };
  useShortcuts([
    { keys: "j", says: t("next"), run: () => step(1) },
    { keys: "k", says: t("previous"), run: () => step(-1) },
    // Where nothing is chosen yet, Enter is whatever has the focus.
    ...(current === null ? [] : [{ keys: "Enter", says: t("open"), run: openCurrent }]),
  ]);
  return current;
}
