import type { AlertRow, CaseRow, Page } from "@shared/api/console";
import { OPENED, type StreamEvent, useStream } from "@shared/api/stream";
import { heard } from "@shared/clock/clock";
import { useSession } from "@shared/session/session";
import { type InfiniteData, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useSyncExternalStore } from "react";
import { Batches } from "./batches";

/** Cases and alerts that came since a list was read and are not in it. */
type Unseen = { cases: number; alerts: number };

const AT_MOST_EVERY_MS = 700;

/** Keeps what is on the screen in step with what happens: one stream for all screens of the console. */
class LiveUpdates {
  private readonly queries: QueryClient;
  private readonly batches: Batches;
  private readonly listeners = new Set<() => void>();
  private unseen: Unseen = { cases: 0, alerts: 0 };

  constructor(queries: QueryClient) {
    this.queries = queries;
    this.batches = new Batches(AT_MOST_EVERY_MS, (events) => this.apply(events));
  }

  take = ({ event, data }: StreamEvent): void => {
    if (event === "clock") {
      const { now, pace } = data as { now: string; pace: number };
      heard(now, pace);
    } else if (event === OPENED) {
      void this.queries.invalidateQueries({ queryKey: ["work"] });
    } else if (event === "reset") {
      void this.queries.invalidateQueries(); // what was missed is not kept: everything is read anew
    } else if (event === "gone") {
      for (const queryKey of [["board"], ["cases"], ["alerts"], ["work"]])
        void this.queries.invalidateQueries({ queryKey });
    } else if (event === "case" || event === "alert" || event === "work") {
      this.batches.add(event, data);
    }
  };

  seen(kind: keyof Unseen): void {
    if (this.unseen[kind] === 0) return;
    this.unseen = { ...this.unseen, [kind]: 0 };
    for (const listener of this.listeners) listener();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  waiting = (): Unseen => this.unseen;

  stop(): void {
    this.batches.stop();
  }

  private apply(events: ReadonlyMap<string, readonly unknown[]>): void {
    const cases = (events.get("case") ?? []) as CaseRow[];
    const alerts = (events.get("alert") ?? []) as AlertRow[];
    const missed = {
      cases: this.patch("cases", cases, (row) => row.case_id),
      alerts: this.patch("alerts", alerts, (row) => row.alert_id),
    };
    if (missed.cases + missed.alerts > 0) {
      this.unseen = {
        cases: this.unseen.cases + missed.cases,
        alerts: this.unseen.alerts + missed.alerts,
      };
      for (const listener of this.listeners) listener();
    }
    const others = cases.length + alerts.length > 0 ? [["board"], ["figures"], ["map"]] : [];
    for (const queryKey of [["work"], ...others]) void this.queries.invalidateQueries({ queryKey });
    for (const row of cases) void this.queries.invalidateQueries({ queryKey: ["case", row.case_id] });
    for (const row of alerts) void this.queries.invalidateQueries({ queryKey: ["alert", row.alert_id] });
  }

  /** Put changed rows into the lists that have them; answer how many are in none that is shown. */
  private patch<Row>(list: string, rows: readonly Row[], id: (row: Row) => string): number {
    if (rows.length === 0) return 0;
    const changed = new Map(rows.map((row) => [id(row), row]));
    const found = new Set<string>();
    this.queries.setQueriesData<InfiniteData<Page<Row>>>({ queryKey: [list] }, (known) => {
      if (known?.pages === undefined) return known;
      return {
        ...known,
        pages: known.pages.map((page) => ({
          ...page,
          items: page.items.map((row) => {
            const newer = changed.get(id(row));
            if (newer === undefined) return row;
            found.add(id(row));
            return { ...row, ...newer };
          }),
        })),
      };
    });
    return changed.size - found.size;
  }
}

const LiveContext = createContext<LiveUpdates | null>(null);

/** Follows what happens for as long as somebody is signed in. */
export function Live({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const session = useSession();
  const live = useMemo(() => new LiveUpdates(queries), [queries]);
  useEffect(() => () => live.stop(), [live]);
  // Another token is another stream; where it has ended there is none.
  const path = session === undefined || session.ended ? undefined : "/console/v1/stream";
  useStream(path, live.take);
  return <LiveContext.Provider value={live}>{children}</LiveContext.Provider>;
}

/** How many changes are not in the list on the screen, and how to forget them. */
export function useUnseen(kind: "cases" | "alerts"): { count: number; seen: () => void } {
  const live = useContext(LiveContext);
  const count = useSyncExternalStore(live?.subscribe ?? (() => () => {}), () => live?.waiting()[kind] ?? 0);
  return { count, seen: () => live?.seen(kind) };
}
