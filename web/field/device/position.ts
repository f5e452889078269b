/** Where the device is, WGS 84; or why that is not known. */

export interface Position {
  longitude: number;
  latitude: number;
  /** Metres around it within which the device is. */
  accuracy: number;
}

export type Located = { position: Position } | { missing: "denied" | "unavailable" | "timeout" };

const PATIENCE = 15_000;
const RECENT = 10_000;

export function locate(): Promise<Located> {
  if (!("geolocation" in navigator)) return Promise.resolve({ missing: "unavailable" });
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords: { longitude, latitude, accuracy } }) =>
        resolve({ position: { longitude, latitude, accuracy } }),
      ({ code }) => resolve({ missing: code === 1 ? "denied" : code === 3 ? "timeout" : "unavailable" }),
      { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: RECENT },
    );
  });
}
