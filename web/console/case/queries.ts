import type { CaseRow, Page } from "@shared/api/console";
import {
  listAttachments,
  listNoticesOfCase,
  listTeams,
  listTimeline,
  listUploads,
  readCandidates,
  readCase,
} from "@shared/api/generated/dispatcher";
import { listProposals as listAlertProposals, readAlert } from "@shared/api/generated/ingest";
import {
  listProposals as listClockProposals,
  listDeadlines,
  readDeadline,
} from "@shared/api/generated/watch";
import { allOf } from "@shared/api/pages";
import { answer, query, read } from "@shared/api/request";
import { useQuery } from "@tanstack/react-query";

/** Everything about a case is kept under `["case", id, …]`: what happens to it has all of it read again. */
const about = (id: string, ...part: unknown[]) => ["case", id, ...part] as const;
const AT_ONCE = 200;

export function useCase(id: string) {
  return useQuery({ queryKey: about(id), queryFn: () => answer(readCase({ path: { case_id: id } })) });
}

export function useTimeline(id: string) {
  return useQuery({
    queryKey: about(id, "timeline"),
    queryFn: () =>
      allOf((cursor) =>
        answer(listTimeline({ path: { case_id: id }, query: { limit: AT_ONCE, ...cursor } })),
      ),
  });
}

export function useTeams(id: string) {
  return useQuery({
    queryKey: about(id, "teams"),
    queryFn: () => answer(listTeams({ path: { case_id: id } })),
  });
}

export function useAttachments(id: string) {
  return useQuery({
    queryKey: about(id, "attachments"),
    queryFn: () =>
      allOf((cursor) =>
        answer(listAttachments({ path: { case_id: id }, query: { limit: AT_ONCE, ...cursor } })),
      ),
  });
}

/** Files that wait for a person, because they are hardly evidence by their content. */
export function useDoubtfulFiles(id: string) {
  return useQuery({
    queryKey: about(id, "uploads"),
    queryFn: () =>
      allOf((cursor) => answer(listUploads({ path: { case_id: id }, query: { limit: AT_ONCE, ...cursor } }))),
    select: (files) => files.filter((one) => one.doubt != null),
  });
}

export function useNotices(id: string) {
  return useQuery({
    queryKey: about(id, "notices"),
    queryFn: () =>
      allOf((cursor) =>
        answer(listNoticesOfCase({ path: { case_id: id }, query: { limit: AT_ONCE, ...cursor } })),
      ),
  });
}

/** Who could go now, for the forms that name officers. */
export function useCandidates(id: string, asked: boolean) {
  return useQuery({
    queryKey: about(id, "candidates"),
    queryFn: () => answer(readCandidates({ path: { case_id: id } })),
    enabled: asked,
  });
}

/** The deadlines of a case, each whole: its own, and that of the final report where one is awaited. */
export function useDeadlines(id: string) {
  return useQuery({
    queryKey: about(id, "deadlines"),
    queryFn: async () => {
      const deadlines = await allOf((cursor) => answer(listDeadlines({ query: { case_id: id, ...cursor } })));
      return Promise.all(
        deadlines.map((one) => answer(readDeadline({ path: { deadline_id: one.deadline_id } }))),
      );
    },
  });
}

export function useAlerts(id: string, alertIds: readonly string[]) {
  return useQuery({
    queryKey: about(id, "alerts", alertIds),
    queryFn: () => Promise.all(alertIds.map((alert_id) => answer(readAlert({ path: { alert_id } })))),
    enabled: alertIds.length > 0,
  });
}

/** What was proposed about the alerts and the clocks of a case. */
export function useProposals(id: string, alertIds: readonly string[], deadlineIds: readonly string[]) {
  return useQuery({
    queryKey: about(id, "proposals", alertIds, deadlineIds),
    queryFn: async () => {
      const pages = await Promise.all([
        ...alertIds.map((subject) =>
          allOf((cursor) => answer(listAlertProposals({ query: { subject, ...cursor } }))),
        ),
        ...deadlineIds.map((subject) =>
          allOf((cursor) => answer(listClockProposals({ query: { subject, ...cursor } }))),
        ),
      ]);
      return pages.flat().sort((one, other) => other.proposed_at.localeCompare(one.proposed_at));
    },
  });
}

/** Other open cases of the same enterprise. */
export function useNeighbours(id: string, enterprise: string | undefined) {
  return useQuery({
    queryKey: about(id, "neighbours", enterprise),
    queryFn: ({ signal }) =>
      allOf(
        (cursor) =>
          read<Page<CaseRow>>(
            `/console/v1/cases${query({ enterprise, sort: "updated", limit: 12, ...cursor })}`,
            { signal },
          ),
        1,
      ),
    enabled: enterprise !== undefined,
    select: (rows) => rows.filter((row) => row.case_id !== id),
  });
}
