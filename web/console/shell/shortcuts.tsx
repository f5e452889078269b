import { useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { KeySequence, typing } from "./keys";
import { useShellWords } from "./words";

/** What keys do: `keys` one after the other ("g b", "/", "a"), said by `says` in the help. */
export interface Shortcut {
  keys: string;
  says: string;
  /** Goes to an address of the console, or runs. */
  to?: string;
  run?: () => void;
}

const registered = new Map<symbol, readonly Shortcut[]>();
const listeners = new Set<() => void>();
let all: readonly Shortcut[] = [];

function changed(): void {
  all = [...registered.values()].flat();
  for (const listener of listeners) listener();
}

/**
 * Let keys do something while a component is shown, unless one is writing. `?` lists them.
 *
 *     useShortcuts([{ keys: "/", says: t("search"), run: () => box.current?.focus() }]);
 */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const router = useRouter();
  const latest = useRef(shortcuts);
  const said = shortcuts.map(({ keys, says }) => keys + says).join("\n");
  useEffect(() => {
    latest.current = shortcuts;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what they say decides whether the help changes
  useEffect(() => {
    const own = Symbol();
    registered.set(own, latest.current);
    changed();
    const sequence = new KeySequence();
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      const keys = sequence.press(
        event.key,
        latest.current.map((one) => one.keys),
      );
      const found = latest.current.find((one) => one.keys === keys);
      if (found === undefined) return;
      event.preventDefault();
      if (found.to !== undefined) void router.navigate({ to: found.to });
      found.run?.();
    };
    document.addEventListener("keydown", press);
    return () => {
      document.removeEventListener("keydown", press);
      registered.delete(own);
      changed();
    };
  }, [said, router]);
}

/** The button and the dialog that list what keys do here. */
export function ShortcutHelp() {
  const t = useShellWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const known = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => all,
  );
  useShortcuts([{ keys: "?", says: t("shortcuts"), run: () => dialog.current?.showModal() }]);
  return (
    <>
      <button
        type="button"
        className="tc-switch shell-wide"
        aria-label={t("shortcuts")}
        title={t("shortcuts")}
        onClick={() => dialog.current?.showModal()}
      >
        ?
      </button>
      <dialog ref={dialog} className="shell-help" aria-label={t("shortcuts")}>
        <h2>{t("shortcuts")}</h2>
        <dl>
          {known.map(({ keys, says }) => (
            <div key={keys + says}>
              <dt>
                {keys.split(" ").map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{says}</dd>
            </div>
          ))}
        </dl>
        <button type="button" className="tc-button" onClick={() => dialog.current?.close()}>
          {t("close")}
        </button>
      </dialog>
    </>
  );
}
