/** Keeping the device and the server in step: the queue goes out, the assignments come in, whenever there is a line. */

import { plain } from "@shared/api/plain";
import { liveQuery } from "dexie";
import { isQueued, nextJob } from "../queue/order";
import { tidy } from "../queue/queue";
import { type Halt, haltOf, type Line, sendJob } from "../queue/send";
import { type FieldDatabase, HEARD_AT } from "./database";
import { keepAssignments } from "./refresh";

/** What the screens show of it. */
export interface SyncState {
  /** Why nothing goes out just now. */
  halt: Halt | null;
  sending: boolean;
}

const FIRST_PAUSE = 3_000;
const LONGEST_PAUSE = 60_000;
const WAIT_SECONDS = 25;
const WEEK = 7 * 24 * 3600 * 1000;

export class Sync {
  private state: SyncState = { halt: null, sending: false };
  private readonly database: FieldDatabase;
  private readonly line: Line;
  private readonly listeners = new Set<() => void>();
  private ending = new AbortController();
  private pause = FIRST_PAUSE;
  private wake: (() => void) | null = null;
  private draining = false;
  private more = false;

  constructor(database: FieldDatabase, line: Line) {
    this.database = database;
    this.line = line;
  }

  /** Begin; the answer ends it. */
  start(): () => void {
    const ending = new AbortController();
    this.ending = ending;
    const { signal } = ending;
    const queue = liveQuery(() => this.database.queue.where("state").equals("queued").count());
    const watching = queue.subscribe((count) => {
      if (count > 0) void this.drain();
    });
    const resume = () => {
      if (document.visibilityState === "visible") this.resume();
    };
    window.addEventListener("online", resume, { signal });
    document.addEventListener("visibilitychange", resume, { signal });
    void this.listen(signal);
    void tidy(this.database, new Date(Date.now() - WEEK).toISOString());
    return () => {
      watching.unsubscribe();
      ending.abort();
      this.wake?.();
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): SyncState => this.state;

  /** Try again at once, whatever it was that stopped it. */
  readonly resume = (): void => {
    this.pause = FIRST_PAUSE;
    this.wake?.();
    void this.drain();
  };

  /** Send what can be sent. One window does it at a time. */
  private async drain(): Promise<void> {
    this.more = this.draining;
    if (this.draining) return;
    this.draining = true;
    try {
      await this.exclusively(() => this.sendAll());
    } finally {
      this.draining = false;
    }
    // What was added after the last look: asked for while it was sent.
    if (this.more) await this.drain();
  }

  private async exclusively(send: () => Promise<void>): Promise<void> {
    if (!navigator.locks) return await send();
    await navigator.locks.request(this.database.name, { ifAvailable: true }, async (lock) => {
      if (lock) await send();
    });
  }

  private async sendAll(): Promise<void> {
    let sent = false;
    let job = nextJob(await this.database.queue.toArray());
    while (job && !this.ending.signal.aborted) {
      this.show({ sending: true });
      const halt = await sendJob(this.database, this.line, job);
      this.show({ halt });
      sent = true;
      job = halt ? null : nextJob(await this.database.queue.toArray());
    }
    this.show({ sending: false });
    if (sent && !this.state.halt) this.wake?.();
  }

  /** Hear of the assignments: the request is held by the server until something changes. */
  private async listen(ending: AbortSignal): Promise<void> {
    let known: string | null = null;
    while (!ending.aborted) {
      const halt = await this.hear(known).then((tag) => {
        known = tag;
        return null;
      }, whyNot);
      this.show({ halt });
      if (halt) {
        known = null;
        await this.sleep(this.pause);
        this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
      } else {
        this.pause = FIRST_PAUSE;
        await this.database.remembered.put({ name: HEARD_AT, value: this.line.now() });
        if ((await this.database.queue.toArray()).some(isQueued)) void this.drain();
      }
    }
  }

  private async hear(known: string | null): Promise<string | null> {
    const path = known ? `/dispatch/v1/assignments?wait=${WAIT_SECONDS}` : "/dispatch/v1/assignments";
    const held = new AbortController();
    this.wake = () => held.abort("woken");
    const headers: Record<string, string> = known ? { "if-none-match": known } : {};
    try {
      const response = await this.line.request(path, { headers, signal: held.signal, cache: "no-store" });
      if (response.status === 304) return known;
      if (!response.ok) throw new Stopped(haltOf(response.status) ?? "service_away");
      await keepAssignments(this.database, this.line, plain(await response.json()));
      return response.headers.get("etag");
    } catch (error) {
      // Woken, to ask at once: something was sent.
      if (held.signal.aborted) return null;
      throw error;
    } finally {
      this.wake = null;
    }
  }

  private sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private show(part: Partial<SyncState>): void {
    this.state = { ...this.state, ...part };
    for (const listener of this.listeners) listener();
  }
}

class Stopped extends Error {
  readonly halt: Halt;

  constructor(halt: Halt) {
    super(halt);
    this.halt = halt;
  }
}

function whyNot(error: unknown): Halt {
  return error instanceof Stopped ? error.halt : "no_network";
}
