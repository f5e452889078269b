/** What is known of a station's people: who they are, what they have to do, when they are away. */

import type { Page } from "@shared/api/console";
import type { Leave, Officer, Recusal, Rota, Substitution } from "@shared/api/generated/dispatcher";
import { allOf } from "@shared/api/pages";
import { query, read } from "@shared/api/request";
import { dayAfter } from "@shared/clock/shanghai";
import { useQuery } from "@tanstack/react-query";
import type { FiguresAnswer } from "../figures/figures";

/** Days: the console counts no more than 1,900 at once. */
const LONGEST = 1800;

function all<Row>(path: string, parameters: Record<string, unknown>, signal: AbortSignal): Promise<Row[]> {
  return allOf((cursor) =>
    read<Page<Row>>(`${path}${query({ ...parameters, limit: 200, ...cursor })}`, { signal }),
  );
}

export function useOfficers(station: string) {
  return useQuery({
    queryKey: ["officers", station],
    queryFn: ({ signal }) => all<Officer>("/dispatch/v1/officers", { station }, signal),
  });
}

export const rotaPath = (station: string, week: string): string =>
  `/dispatch/v1/stations/${encodeURIComponent(station)}/rota/${week}`;

export function useRota(station: string, week: string) {
  return useQuery({
    queryKey: ["rota", station, week],
    queryFn: ({ signal }) => read<Rota>(rotaPath(station, week), { signal }),
  });
}

/** Leave, substitutions and recusals of the whole district: a station's are those of its officers. */
export function useLeaves(from_day: string) {
  return useQuery({
    queryKey: ["leaves", from_day],
    queryFn: async ({ signal }) => {
      const found = await all<Leave>("/dispatch/v1/leaves", { from_day }, signal);
      return found.filter((one) => one.cancelled_at === null);
    },
  });
}

export function useSubstitutions(from_day: string) {
  return useQuery({
    queryKey: ["substitutions", from_day],
    queryFn: ({ signal }) => all<Substitution>("/dispatch/v1/substitutions", { from_day }, signal),
  });
}

export function useRecusals() {
  return useQuery({
    queryKey: ["recusals"],
    queryFn: ({ signal }) => all<Recusal>("/dispatch/v1/recusals", {}, signal),
  });
}

/** The open and the overdue cases of each officer, of those opened within the longest time that figures count at once. */
export function useLoad(station: string, today: string) {
  return useQuery({
    queryKey: ["figures", "load", station, today],
    queryFn: async ({ signal }) => {
      const asked = { by: "officer", station, from: dayAfter(today, -LONGEST), until: dayAfter(today, 1) };
      const found = await read<FiguresAnswer>(`/console/v1/figures${query(asked)}`, { signal });
      return new Map(found.rows.map((row) => [row.key, { open: row.open, overdue: row.overdue }]));
    },
    refetchInterval: 60_000,
  });
}
