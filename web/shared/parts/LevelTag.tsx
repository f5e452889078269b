import { useLanguage } from "@shared/language";
import { type Level, levelName } from "@shared/words";
import { usePartWords } from "./words";

const SHAPES: Record<Level, string> = { red: "▲", yellow: "◆", white: "○" };

/** The level of an alert: by its word and a shape of its own, and by its colour. `brief` shows the shape and one word. */
export function LevelTag({ level, brief = false }: { level: Level; brief?: boolean }) {
  const spoken = useLanguage();
  const t = usePartWords();
  const name = levelName(level, spoken);
  return (
    <span className={`tc-level tc-level-${level}`} title={t("level", { level: name })}>
      <span aria-hidden="true">{SHAPES[level]}</span>
      {brief ? name.replace("色", "") : name}
    </span>
  );
}
