/** What the enterprise's page reads: its own cases, what was found, its notices, pleas and shutdowns. */
import { listCases, listNotices, listTimeline, readCase } from "@shared/api/generated/dispatcher";
import { listProposals, listShutdowns, readAlert } from "@shared/api/generated/ingest";
import { allOf } from "@shared/api/pages";
import { answer } from "@shared/api/request";
import { useQueries, useQuery } from "@tanstack/react-query";

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

const alertOf = (id: string) => ({
  queryKey: ["alert", id],
  queryFn: () => answer(readAlert({ path: { alert_id: id } })),
  retry: false,
  staleTime: 60_000,
});

/** What was found, of each alert of a matter; those of a visit of which nothing is shown yet are left out. */
export function useFound(ids: readonly string[]) {
  return useQueries({ queries: ids.map(alertOf) }).flatMap(({ data }) => (data === undefined ? [] : [data]));
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
