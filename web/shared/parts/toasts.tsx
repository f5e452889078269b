import { isProblem } from "@shared/api/problem";
import { useSyncExternalStore } from "react";

interface Toast {
  id: number;
  text: string;
  failed: boolean;
}

const SHOWN_MS = 6_000;
let shown: readonly Toast[] = [];
let numbers = 0;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]): void {
  shown = next;
  for (const listener of listeners) listener();
}

function add(text: string, failed: boolean): void {
  numbers += 1;
  const id = numbers;
  set([...shown.slice(-3), { id, text, failed }]);
  setTimeout(() => set(shown.filter((one) => one.id !== id)), SHOWN_MS);
}

/** Says shortly, wherever one is, what came of an act. */
export const toast = {
  done: (text: string): void => add(text, false),
  failed: (problem: unknown): void =>
    add(isProblem(problem) ? problem.detail || problem.title : String(problem), true),
};

/** Where toasts appear: once in an app. */
export function Toasts() {
  const all = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
  return (
    <div className="tc-toasts tc-no-print" role="status">
      {all.map((one) => (
        <div key={one.id} className={one.failed ? "tc-toast tc-toast-failed" : "tc-toast"}>
          <span aria-hidden="true">{one.failed ? "✕" : "✓"}</span> {one.text}
        </div>
      ))}
    </div>
  );
}
