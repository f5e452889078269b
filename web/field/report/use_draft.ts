import { useCallback, useEffect, useRef, useState } from "react";
import { useDevice } from "../device/FieldDevice";
import type { Draft } from "./draft";

/** What changes of a draft; or how, by what it is, where several changes follow one another. */
export type ChangeDraft = (part: Partial<Draft> | ((before: Draft) => Partial<Draft>)) => void;

/** A draft that is written to the device at every change; `first` makes it where there is none yet. */
export function useDraft(caseId: string, first: () => Draft): [Draft | undefined, ChangeDraft] {
  const { database } = useDevice();
  const [draft, setDraft] = useState<Draft>();
  const latest = useRef<Draft>(undefined);
  const begin = useRef(first);
  const show = useCallback((next: Draft) => {
    latest.current = next;
    setDraft(next);
  }, []);
  useEffect(() => {
    let shown = true;
    void database.drafts.get(caseId).then((kept) => {
      if (shown) show(kept ?? begin.current());
    });
    return () => {
      shown = false;
    };
  }, [database, caseId, show]);
  const change: ChangeDraft = useCallback(
    (part) => {
      const before = latest.current;
      if (!before) return;
      const next = { ...before, ...(typeof part === "function" ? part(before) : part) };
      show(next);
      void database.drafts.put(next);
    },
    [database, show],
  );
  return [draft, change];
}
