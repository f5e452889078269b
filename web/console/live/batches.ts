/** Gathers events and hands them on together: at once when it was quiet, and never more often than allowed. */
export class Batches {
  private waiting = new Map<string, unknown[]>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private last = Number.NEGATIVE_INFINITY;

  private readonly everyMs: number;
  private readonly take: (events: ReadonlyMap<string, readonly unknown[]>) => void;
  private readonly now: () => number;

  constructor(
    everyMs: number,
    take: (events: ReadonlyMap<string, readonly unknown[]>) => void,
    now: () => number = () => performance.now(),
  ) {
    this.everyMs = everyMs;
    this.take = take;
    this.now = now;
  }

  add(kind: string, event: unknown): void {
    this.waiting.set(kind, [...(this.waiting.get(kind) ?? []), event]);
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => this.flush(), Math.max(0, this.last + this.everyMs - this.now()));
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.waiting = new Map();
  }

  private flush(): void {
    this.timer = undefined;
    this.last = this.now();
    const events = this.waiting;
    this.waiting = new Map();
    this.take(events);
  }
}
