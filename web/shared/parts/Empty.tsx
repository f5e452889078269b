import type { ReactNode } from "react";
import { usePartWords } from "./words";

/** Says that there is nothing, and why or what to do about it. */
export function Empty({ title, children }: { title?: ReactNode; children?: ReactNode }) {
  const t = usePartWords();
  return (
    <div className="tc-empty">
      <p className="tc-empty-title">{title ?? t("nothing")}</p>
      {children}
    </div>
  );
}
