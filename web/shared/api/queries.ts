import { QueryClient } from "@tanstack/react-query";
import { isProblem } from "./problem";

/** What the queries of an app share: what failed for now is asked again, what was refused is not. */
export function queryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        gcTime: 10 * 60_000,
        refetchOnWindowFocus: true,
        networkMode: "always", // whether a service answers is found out by asking it
        retry: (failures, error) => isProblem(error) && error.away && failures < 3,
        retryDelay: (failures, error) =>
          1000 * ((isProblem(error) && error.retryAfter) || Math.min(2 ** failures, 10)),
      },
      mutations: { networkMode: "always" },
    },
  });
}
