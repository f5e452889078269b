import { usePartWords } from "./words";

/** Holds the place of what is being read: `lines` grey lines. */
export function Loading({ lines = 3 }: { lines?: number }) {
  const t = usePartWords();
  return (
    <div className="tc-loading" role="status">
      <span className="tc-hidden">{t("loading")}</span>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: grey lines are all alike
        <div key={line} className="tc-loading-line" />
      ))}
    </div>
  );
}
