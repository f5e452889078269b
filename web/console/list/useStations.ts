import { listStations } from "@shared/api/generated/dispatcher";
import { answer } from "@shared/api/request";
import { useMe } from "@shared/session/me";
import { useQuery } from "@tanstack/react-query";

interface Station {
  code: string;
  name: string;
}

/** The stations that the reader may look at: the own one, or all. They change rarely. */
export function useStations(): readonly Station[] {
  const me = useMe().data;
  const all = useQuery({
    queryKey: ["stations"],
    queryFn: () => answer(listStations({ query: { limit: 100 } })),
    enabled: me !== undefined && me.station === null,
    staleTime: 10 * 60_000,
  });
  if (me?.station == null) return all.data?.items ?? [];
  return [{ code: me.station, name: me.station_name ?? me.station }];
}
