import { useEffect, useRef } from "react";
import { plain } from "./plain";
import { isProblem, type Problem, problemOf } from "./problem";
import { signedFetch } from "./request";

/** One server-sent event. */
export interface StreamEvent {
  id: string;
  event: string;
  data: unknown;
}

const LONGEST_WAIT_SECONDS = 30;
/** What is handed on where a stream begins or goes on: what it cannot resume may have been missed. */
export const OPENED = "opened";

/** Cut text as it arrives into server-sent events. */
export class EventReader {
  private rest = "";
  private lastId = "";

  take(text: string): StreamEvent[] {
    const blocks = (this.rest + text).split("\n\n");
    this.rest = blocks.pop() ?? "";
    return blocks.flatMap((block) => this.read(block));
  }

  private read(block: string): StreamEvent[] {
    let event = "message";
    const data: string[] = [];
    for (const line of block.split("\n")) {
      const [, name, value] = /^([a-z]+):\s?(.*)$/.exec(line) ?? [];
      if (name === "event") event = value ?? "";
      else if (name === "data") data.push(value ?? "");
      else if (name === "id") this.lastId = value ?? "";
    }
    if (data.length === 0) return [];
    return [{ id: this.lastId, event, data: plain(JSON.parse(data.join("\n")) as unknown) }];
  }
}

/**
 * Follow a stream until `signal` ends it, and go on after the last event wherever it breaks.
 *
 * `EventSource` cannot send a token, so it is read by fetch. It gives up where it is refused.
 */
export async function follow(
  path: string,
  take: (event: StreamEvent) => void,
  signal: AbortSignal,
  refused?: (problem: Problem) => void,
): Promise<void> {
  let lastId = "";
  let failures = 0;
  while (!signal.aborted) {
    try {
      const headers: Record<string, string> = { Accept: "text/event-stream" };
      if (lastId !== "") headers["Last-Event-ID"] = lastId;
      const response = await signedFetch(path, { headers, signal, cache: "no-store" });
      if (!response.ok || response.body === null) throw problemOf(response, await response.json());
      failures = 0;
      take({ id: lastId, event: OPENED, data: null });
      const reader = new EventReader();
      const texts = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let part = await texts.read(); !part.done; part = await texts.read())
        for (const event of reader.take(part.value)) {
          lastId = event.id;
          take(event);
        }
    } catch (error) {
      if (signal.aborted) return;
      if (isProblem(error) && !error.away && error.status < 500) {
        refused?.(error);
        return;
      }
      failures += 1;
    }
    await pause(Math.min(2 ** failures, LONGEST_WAIT_SECONDS) * 1000, signal);
  }
}

/** Follow a stream for as long as a component is shown; `undefined` follows nothing. */
export function useStream(path: string | undefined, take: (event: StreamEvent) => void): void {
  const latest = useRef(take);
  useEffect(() => {
    latest.current = take;
  });
  useEffect(() => {
    if (path === undefined) return;
    const ending = new AbortController();
    void follow(path, (event) => latest.current(event), ending.signal);
    return () => ending.abort();
  }, [path]);
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
