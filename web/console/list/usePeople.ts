import { listOfficers, listStaff } from "@shared/api/generated/dispatcher";
import { answer } from "@shared/api/request";
import { useQuery } from "@tanstack/react-query";

interface Coded {
  code: string;
  name: string;
}

interface Listed {
  items: Coded[];
  next: string | null;
}

/** A bureau has some hundred people; of more than this many their codes are shown. */
const PAGES_AT_MOST = 10;

async function all(read: (cursor: string | undefined) => Promise<Listed>): Promise<Coded[]> {
  const people: Coded[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_AT_MOST; page += 1) {
    const found = await read(cursor);
    people.push(...found.items);
    if (found.next === null) break;
    cursor = found.next;
  }
  return people;
}

const AT_ONCE = 200;

/** A function that names people of the bureau by their codes; one who is not known keeps the code. */
export function usePeople(): (code: string) => string {
  const names = useQuery({
    queryKey: ["people"],
    queryFn: async () => {
      const [officers, staff] = await Promise.all([
        all((cursor) => answer(listOfficers({ query: { limit: AT_ONCE, ...(cursor && { cursor }) } }))),
        all((cursor) => answer(listStaff({ query: { limit: AT_ONCE, ...(cursor && { cursor }) } }))),
      ]);
      return new Map([...officers, ...staff].map(({ code, name }) => [code, name]));
    },
    staleTime: 10 * 60_000,
  }).data;
  return (code) => names?.get(code) ?? code;
}
