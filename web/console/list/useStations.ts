import { listStations } from "@shared/api/generated/dispatcher";
import { allOf } from "@shared/api/pages";
import { answer } from "@shared/api/request";
import { useMe } from "@shared/session/me";
import { useQuery } from "@tanstack/react-query";

interface Station {
  code: string;
  name: string;
}

const STATIONS = {
  queryKey: ["stations"],
  queryFn: () => allOf((cursor) => answer(listStations({ query: { limit: 100, ...cursor } }))),
  staleTime: 10 * 60_000,
};

/** All stations of the district: where a case may be sent. They change rarely. */
export function useAllStations(): readonly Station[] {
  return useQuery(STATIONS).data ?? [];
}

/** The stations that the reader may look at: the own one, or all. They change rarely. */
export function useStations(): readonly Station[] {
  const me = useMe().data;
  const all = useQuery({
    ...STATIONS,
    enabled: me !== undefined && me.station === null,
  });
  if (me?.station == null) return all.data ?? [];
  return [{ code: me.station, name: me.station_name ?? me.station }];
}
