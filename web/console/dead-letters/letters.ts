/** Dead letters and brakes, as each service answers them. */
import type { Page } from "@shared/api/console";
import { allOf } from "@shared/api/pages";
import { query, read } from "@shared/api/request";
import { useQueries } from "@tanstack/react-query";
import { SERVICES, type ServiceName } from "../parts/services";
import type { DeadLettersSearch } from "./search";

export interface Letter {
  letter_id: string;
  state: "waiting" | "retried" | "discarded";
  topic: string;
  origin: string;
  code: string;
  detail: string;
  failed_at: string;
  age_seconds: number;
  attempt: number;
  decided_at: string | null;
  decided_by: string | null;
  reason: string | null;
}

export interface Content {
  encoding: "utf-8" | "base64";
  content: string;
}

export interface Brake {
  topic: string;
  partition: number;
  text: string;
  since: string;
}

/** One of a service's own, with the service that keeps it. */
export type Of<Kept> = Kept & { service: ServiceName };

function useOfServices<Kept>(
  name: string,
  services: readonly ServiceName[],
  path: string,
  asked: Record<string, unknown>,
) {
  const answers = useQueries({
    queries: services.map((service) => ({
      queryKey: [name, service, asked],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        allOf((cursor) =>
          read<Page<Kept>>(`/${service}${path}${query({ ...asked, ...cursor })}`, { signal }),
        ),
      refetchInterval: 15_000,
    })),
  });
  const problem = answers.find((one) => one.error !== null)?.error ?? null;
  const kept = answers.flatMap((one, index) =>
    (one.data ?? []).map((item) => ({ ...item, service: services[index] as ServiceName })),
  );
  return {
    kept,
    problem,
    isLoading: answers.some((one) => one.isPending),
    again: () => void Promise.all(answers.map((one) => one.refetch())),
  };
}

export function useLetters(search: DeadLettersSearch) {
  const services = search.service === undefined ? SERVICES : [search.service];
  return useOfServices<Letter>("dead-letters", services, "/v1/dead-letters", {
    state: search.state ?? "waiting",
    limit: 200,
  });
}

export function useBrakes() {
  return useOfServices<Brake>("brakes", SERVICES, "/v1/brakes", { in_force: true });
}
