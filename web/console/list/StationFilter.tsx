import { useStations } from "./useStations";

interface Stations {
  label: string;
  /** For all of them; left out where one is always chosen. */
  all?: string;
  chosen: string | undefined;
  choose: (station: string | undefined) => void;
}

/** One of the stations, for whoever sees more than one. */
export function StationFilter({ label, all, chosen, choose }: Stations) {
  const stations = useStations();
  if (stations.length < 2) return null;
  return (
    <select
      aria-label={label}
      value={chosen ?? ""}
      onChange={({ target }) => choose(target.value || undefined)}
    >
      {all !== undefined && <option value="">{all}</option>}
      {stations.map((one) => (
        <option key={one.code} value={one.code}>
          {one.name}
        </option>
      ))}
    </select>
  );
}
