/** Following what happens to the enterprise's matters: a request that the server holds until something changes. */
import { signedFetch } from "@shared/api/request";
import { useSession } from "@shared/session/session";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

const PATH = "/dispatch/v1/cases?limit=100";
const WAIT_SECONDS = 25;
const PAUSE_MS = 3_000;
const LONGEST_PAUSE_MS = 60_000;
/** What a change may show in. */
const CHANGED = [["cases"], ["case"], ["notices"], ["proposals"], ["alerts"]];

/** Read anew what is on the screen as soon as a matter changes, for as long as the page is looked at. */
export function useFeed(): void {
  const queries = useQueryClient();
  const session = useSession();
  const token = session === undefined || session.ended ? undefined : session.token;
  useEffect(() => {
    if (token === undefined) return;
    const ending = new AbortController();
    void follow(ending.signal, () => {
      for (const queryKey of CHANGED) void queries.invalidateQueries({ queryKey });
    });
    return () => ending.abort();
  }, [token, queries]);
}

async function follow(signal: AbortSignal, changed: () => void): Promise<void> {
  let known: string | null = null;
  let pause = PAUSE_MS;
  while (!signal.aborted) {
    await seen(signal);
    try {
      const held: boolean = known !== null;
      const headers: Record<string, string> = known === null ? {} : { "If-None-Match": known };
      const answer: Response = await signedFetch(held ? `${PATH}&wait=${WAIT_SECONDS}` : PATH, {
        headers,
        signal,
        cache: "no-store",
      });
      if (!answer.ok && answer.status !== 304) throw new Error(String(answer.status));
      pause = PAUSE_MS;
      if (answer.status === 304) continue;
      known = answer.headers.get("etag");
      await answer.arrayBuffer();
      if (held) changed();
      if (known === null) await sleep(pause, signal);
    } catch {
      if (signal.aborted) return;
      // What changed meanwhile is found by the next answer, which has no tag to compare with.
      known = null;
      await sleep(pause, signal);
      changed();
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }
}

/** Wait until the page is looked at. */
function seen(signal: AbortSignal): Promise<void> {
  if (document.visibilityState === "visible") return Promise.resolve();
  return new Promise((resolve) => {
    const look = (): void => {
      if (document.visibilityState !== "visible" && !signal.aborted) return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look, { once: true });
  });
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
