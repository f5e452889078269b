import { listOfficers, listStaff } from "@shared/api/generated/dispatcher";
import { allOf } from "@shared/api/pages";
import { answer } from "@shared/api/request";
import { useQuery } from "@tanstack/react-query";

const AT_ONCE = 200;

/** A function that names people of the bureau by their codes; one who is not known keeps the code. */
export function usePeople(): (code: string) => string {
  const names = useQuery({
    queryKey: ["people"],
    queryFn: async () => {
      const [officers, staff] = await Promise.all([
        allOf((cursor) => answer(listOfficers({ query: { limit: AT_ONCE, ...cursor } }))),
        allOf((cursor) => answer(listStaff({ query: { limit: AT_ONCE, ...cursor } }))),
      ]);
      return new Map([...officers, ...staff].map(({ code, name }) => [code, name]));
    },
    staleTime: 10 * 60_000,
  }).data;
  return (code) => names?.get(code) ?? code;
}
