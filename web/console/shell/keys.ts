/** Keys pressed one after the other. */
export class KeySequence {
  private pressed: string[] = [];
  private lastAt = 0;

  /** The keys that `key` completes, of those known; undefined while nothing is complete. */
  press(key: string, known: readonly string[], now = performance.now()): string | undefined {
    if (now - this.lastAt > 1500) this.pressed = [];
    this.lastAt = now;
    this.pressed.push(key);
    const keys = this.pressed.join(" ");
    if (known.includes(keys)) {
      this.pressed = [];
      return keys;
    }
    if (!known.some((one) => one.startsWith(`${keys} `))) {
      this.pressed = known.some((one) => one.startsWith(`${key} `)) ? [key] : [];
      return known.includes(key) ? key : undefined;
    }
    return undefined;
  }
}

/** Whether keys pressed there are text. */
export function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.closest("input, textarea, select, dialog[open], [role=dialog]") !== null)
  );
}
