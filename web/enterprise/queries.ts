/** What the enterprise's page reads: its own cases, what was found, its notices, pleas and shutdowns. */
import { listCases, listNotices, listTimeline, readCase } from "@shared/api/generated/dispatcher";
import { listAlerts, listProposals, listShutdowns } from "@shared/api/generated/ingest";
import { allOf } from "@shared/api/pages";
import { answer } from "@shared/api/request";
import { useQuery } from "@tanstack/react-query";

const FRESH = 15_000;
const AT_ONCE = 100;

export function useCases() {
  return useQuery({
    queryKey: ["cases"],
    queryFn: () => allOf((cursor) => answer(listCases({ query: { limit: AT_ONCE, ...cursor } }))),
    refetchInterval: FRESH,
  });
}

export function useCase(id: string) {
  return useQuery({
    queryKey: ["case", id],
    queryFn: () => answer(readCase({ path: { case_id: id } })),
    refetchInterval: FRESH,
  });
}

export function useTimeline(id: string) {
  return useQuery({
    queryKey: ["case", id, "timeline"],
    queryFn: () =>
      allOf((cursor) =>
        answer(listTimeline({ path: { case_id: id }, query: { limit: AT_ONCE, ...cursor } })),
      ),
    refetchInterval: FRESH,
  });
}

/**
 * What was found, of the alerts of a matter, in their order. Those of a visit of which nothing is shown yet are not among
 * them, and come by themselves once they are: the intake may hear of an arrival a moment after the case did.
 */
export function useFound(ids: readonly string[]) {
  const found = useQuery({
    queryKey: ["alerts", ids],
    queryFn: async () => {
      const shown = await inParts(ids, (alert_id) =>
        allOf((cursor) => answer(listAlerts({ query: { alert_id, limit: AT_ONCE, ...cursor } }))),
      );
      return shown.sort((one, other) => ids.indexOf(one.alert_id) - ids.indexOf(other.alert_id));
    },
    enabled: ids.length > 0,
    refetchInterval: ({ state }) => ((state.data?.length ?? 0) < ids.length ? FRESH : false),
    staleTime: 60_000,
  });
  return found.data ?? [];
}

/** Ask for as many at once as a list takes. */
async function inParts<One>(ids: readonly string[], ask: (some: string[]) => Promise<One[]>): Promise<One[]> {
  const parts = Array.from({ length: Math.ceil(ids.length / AT_ONCE) }, (_, part) =>
    ask(ids.slice(part * AT_ONCE, (part + 1) * AT_ONCE)),
  );
  return (await Promise.all(parts)).flat();
}

export function useNotices() {
  return useQuery({
    queryKey: ["notices"],
    queryFn: () => allOf((cursor) => answer(listNotices({ query: { limit: AT_ONCE, ...cursor } }))),
    refetchInterval: FRESH,
  });
}

/** What the enterprise proposed itself: pleas of false alarm, shutdowns. */
export function useProposals() {
  return useQuery({
    queryKey: ["proposals"],
    queryFn: () => allOf((cursor) => answer(listProposals({ query: { limit: AT_ONCE, ...cursor } }))),
    refetchInterval: FRESH,
  });
}

export function useShutdowns() {
  return useQuery({
    queryKey: ["shutdowns"],
    queryFn: () => allOf((cursor) => answer(listShutdowns({ query: { limit: AT_ONCE, ...cursor } }))),
    refetchInterval: FRESH,
  });
}
