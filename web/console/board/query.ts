import type { BoardAnswer } from "@shared/api/console";
import { query, read } from "@shared/api/request";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

/** What the duty room looks at; read again when the stream says so, and every half minute in case it does not. */
export function useBoard(station: string | undefined) {
  return useQuery({
    queryKey: ["board", station ?? ""],
    queryFn: ({ signal }) => read<BoardAnswer>(`/console/v1/board${query({ station })}`, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
}
