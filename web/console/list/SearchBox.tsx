import { useEffect, useRef, useState } from "react";
import { useShortcuts } from "../shell/shortcuts";
import styles from "./list.module.css";
import { useListWords } from "./words";

const PAUSE_MS = 250;

/** Free text of a list; `/` leads here. It is looked for once the typing pauses. */
export function SearchBox({ text, hint, ask }: { text: string; hint: string; ask: (text: string) => void }) {
  const t = useListWords();
  const box = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(text);
  const asked = useRef(text);
  const asking = useRef(ask);
  asking.current = ask;
  useEffect(() => {
    // Somebody followed a link or cleared the filters: what stands in the address counts.
    if (text !== asked.current) {
      asked.current = text;
      setTyped(text);
    }
  }, [text]);
  useEffect(() => {
    if (typed.trim() === asked.current) return;
    const timer = setTimeout(() => {
      asked.current = typed.trim();
      asking.current(asked.current);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  useShortcuts([{ keys: "/", says: t("search"), run: () => box.current?.focus() }]);
  return (
    <input
      ref={box}
      type="search"
      className={styles.search}
      value={typed}
      placeholder={hint}
      aria-label={t("search")}
      maxLength={100}
      onChange={({ target }) => setTyped(target.value)}
      onKeyDown={({ key }) => {
        if (key === "Escape") box.current?.blur();
      }}
    />
  );
}
