/** Links that open a phone's map app on the way to a place. Those apps count in GCJ-02, the bureau in WGS 84. Pure. */

import gcoord from "gcoord";

export interface Place {
  longitude: number;
  latitude: number;
}

export interface MapLink {
  app: "amap" | "tencent" | "baidu" | "apple";
  href: string;
}

export type Platform = "android" | "ios" | "other";

export function toGcj02({ longitude, latitude }: Place): Place {
  const [east, north] = gcoord.transform([longitude, latitude], gcoord.WGS84, gcoord.GCJ02);
  return { longitude: round(east), latitude: round(north) };
}

export function platformOf(userAgent: string): Platform {
  if (/android|harmony/i.test(userAgent)) return "android";
  return /iphone|ipad|ipod/i.test(userAgent) ? "ios" : "other";
}

/** One link for each map app of the platform, the most used first. */
export function mapLinks(place: Place, name: string, platform: Platform): MapLink[] {
  const { longitude, latitude } = toGcj02(place);
  const to = encodeURIComponent(name);
  const amap =
    platform === "ios"
      ? `iosamap://path?sourceApplication=tricolor&dlat=${latitude}&dlon=${longitude}&dname=${to}&dev=0&t=0`
      : `amapuri://route/plan/?dlat=${latitude}&dlon=${longitude}&dname=${to}&dev=0&t=0`;
  const links: MapLink[] = [
    { app: "amap", href: amap },
    { app: "tencent", href: `qqmap://map/routeplan?type=drive&to=${to}&tocoord=${latitude},${longitude}` },
    {
      app: "baidu",
      href: `baidumap://map/direction?destination=latlng:${latitude},${longitude}|name:${to}&coord_type=gcj02&mode=driving`,
    },
  ];
  if (platform === "ios")
    links.push({ app: "apple", href: `maps://?daddr=${latitude},${longitude}&dirflg=d` });
  return links;
}

const EARTH_METRES = 6_371_000;

/** Metres between two places, straight. */
export function metresBetween(one: Place, other: Place): number {
  const rad = (degrees: number) => (degrees * Math.PI) / 180;
  const north = Math.sin(rad(other.latitude - one.latitude) / 2) ** 2;
  const east = Math.sin(rad(other.longitude - one.longitude) / 2) ** 2;
  const chord = north + Math.cos(rad(one.latitude)) * Math.cos(rad(other.latitude)) * east;
  return 2 * EARTH_METRES * Math.asin(Math.sqrt(chord));
}

export function distanceText(metres: number): string {
  if (metres < 1000) return `${Math.round(metres / 10) * 10} m`;
  return `${(metres / 1000).toFixed(metres < 10_000 ? 1 : 0)} km`;
}

function round(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
