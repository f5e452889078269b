/** What an alert found, in words: the event stands in the alert as it came. Pure. */
import type { AlertAnswer } from "@shared/api/generated/ingest";

export interface Found {
  outlet: string;
  pollutant: string;
  observed: string;
  limit: string;
  window: { start?: string; end?: string };
}

type Given = Record<string, unknown>;

function part(of: Given, name: string): Given {
  const value = of[name];
  return typeof value === "object" && value !== null ? (value as Given) : {};
}

function text(...values: unknown[]): string {
  const found = values.find((value) => typeof value === "string" && value !== "");
  return typeof found === "string" ? found : "";
}

function amount(value: unknown, unit: string): string {
  return typeof value === "number" ? `${value} ${unit}`.trim() : "";
}

export function foundIn(alert: Pick<AlertAnswer, "event">): Found {
  const data = part(alert.event, "data");
  const outlet = part(data, "outlet");
  const pollutant = part(data, "pollutant");
  const window = part(data, "window");
  const unit = text(data.unit);
  return {
    outlet: text(outlet.name, outlet.code, outlet.mn),
    pollutant: text(pollutant.name, pollutant.code),
    observed: amount(data.observed, unit),
    limit: amount(data.limit, unit),
    window: {
      ...(typeof window.start === "string" && { start: window.start }),
      ...(typeof window.end === "string" && { end: window.end }),
    },
  };
}
