/** What the enterprise's page reads: its own cases, what was found, its notices, pleas and shutdowns. */
import { listCases, listNotices, listTimeline, readCase } from "@shared/api/generated/dispatcher";
import { listProposals, listShutdowns, readAlert } from "@shared/api/generated/ingest";
import { answer } from "@shared/api/request";
import { useQuery } from "@tanstack/react-query";

const FRESH = 15_000;
const AT_ONCE = 100;

export function useCases() {
  return useQuery({
    queryKey: ["cases"],
    queryFn: () => answer(listCases({ query: { limit: AT_ONCE } })),
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
    queryFn: () => answer(listTimeline({ path: { case_id: id }, query: { limit: AT_ONCE } })),
    refetchInterval: FRESH,
  });
}

/** What was found; undefined while it is read, and for a visit of which nothing is shown yet. */
export function useAlert(id: string | undefined) {
  return useQuery({
    queryKey: ["alert", id],
    queryFn: () => answer(readAlert({ path: { alert_id: id ?? "" } })),
    enabled: id !== undefined,
    retry: false,
    staleTime: 60_000,
  });
}

export function useNotices() {
  return useQuery({
    queryKey: ["notices"],
    queryFn: () => answer(listNotices({ query: { limit: AT_ONCE } })),
    refetchInterval: FRESH,
  });
}

/** What the enterprise proposed itself: pleas of false alarm, shutdowns. */
export function useProposals() {
  return useQuery({
    queryKey: ["proposals"],
    queryFn: () => answer(listProposals({ query: { limit: AT_ONCE } })),
    refetchInterval: FRESH,
  });
}

export function useShutdowns() {
  return useQuery({
    queryKey: ["shutdowns"],
    queryFn: () => answer(listShutdowns({ query: { limit: AT_ONCE } })),
  });
}
