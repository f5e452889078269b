import type { Me } from "@shared/api/console";
import { read } from "@shared/api/request";
import { useQuery } from "@tanstack/react-query";
import { useSession } from "./session";

/** Who the services say one is: with names, where the token has codes. */
export function useMe() {
  const signedIn = useSession();
  return useQuery({
    queryKey: ["me", signedIn?.token],
    queryFn: ({ signal }) => read<Me>("/console/v1/me", { signal }),
    enabled: signedIn !== undefined && !signedIn.ended,
    staleTime: 5 * 60_000,
  });
}
