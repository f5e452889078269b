import { useEffect, useState } from "react";

/** What was written of a report, kept on this device until it is sent: a token may end, a page be closed. */
export function useDraft<Draft extends object>(key: string, empty: Draft) {
  const [draft, setDraft] = useState<Draft>(() => ({ ...empty, ...kept<Draft>(key) }));
  useEffect(() => {
    localStorage.setItem(key, JSON.stringify(draft));
  }, [key, draft]);
  const forget = (): void => {
    setDraft(empty);
    localStorage.removeItem(key);
  };
  return { draft, set: (next: Partial<Draft>) => setDraft((before) => ({ ...before, ...next })), forget };
}

function kept<Draft>(key: string): Partial<Draft> {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<Draft>;
  } catch {
    return {};
  }
}
