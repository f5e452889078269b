import type { Page } from "@shared/api/console";
import { query, read } from "@shared/api/request";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo } from "react";

const AT_ONCE = 100;

/** A list of the read model page by page, as `parameters` narrow it. `name` is its place: `cases`, `alerts`. */
export function useList<Row>(name: "cases" | "alerts", parameters: Record<string, unknown>) {
  const pages = useInfiniteQuery({
    queryKey: [name, parameters],
    queryFn: ({ pageParam, signal }) =>
      read<Page<Row>>(`/console/v1/${name}${query({ ...parameters, limit: AT_ONCE, cursor: pageParam })}`, {
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: 15_000,
  });
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? [], [pages.data]);
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = pages;
  const more = useCallback(() => {
    if (!isFetchingNextPage && !isError) void fetchNextPage();
  }, [isFetchingNextPage, isError, fetchNextPage]);
  // A search that looked at enough for one request has found nothing yet, and goes on.
  const isSearching = rows.length === 0 && hasNextPage && !isError;
  useEffect(() => {
    if (isSearching) more();
  }, [isSearching, more]);
  return {
    pages,
    rows,
    isSearching,
    total: pages.data?.pages[0]?.total ?? null,
    more: hasNextPage ? more : undefined,
  };
}
