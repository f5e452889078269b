/** What is on the map, as the service answers it (GeoJSON, WGS 84). */
export interface Place {
  of: "enterprise" | "station";
  code: string;
  name: string | null;
  station: string | null;
  open: number;
  overdue: number;
  red: number;
  yellow: number;
  due_at: string | null;
}

export interface PlacesAnswer {
  features: { id: string; geometry: { coordinates: [number, number] }; properties: Place }[];
}

export type Mark = "overdue" | "red" | "yellow" | "quiet";

/** What of a place matters most. */
export function markOf(place: Place): Mark {
  if (place.overdue > 0) return "overdue";
  if (place.red > 0) return "red";
  return place.yellow > 0 ? "yellow" : "quiet";
}
