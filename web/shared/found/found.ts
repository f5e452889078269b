/** What an alert found and what was measured, as people write it. Pure. */
import type { AlertRow, CaseRow, Outlet } from "@shared/api/console";
import type { Language } from "@shared/language";

type Measured = Pick<CaseRow | AlertRow, "pollutant" | "observed" | "limit" | "unit">;

/** The parts of an event that are shown; platforms may send less and more. */
export interface Found {
  category?: string;
  enterprise?: { code?: string; name?: string };
  outlet?: { mn?: string; code?: string; name?: string };
  pollutant?: { code?: string; name?: string };
  window?: { start?: string; end?: string };
  observed?: number;
  limit?: number;
  unit?: string;
  flag?: string;
  marking?: { kind?: string; reason?: string };
  note?: string;
}

/** What a platform sent: the event stands in the alert as it came. */
export function foundIn(alert: { event: Readonly<Record<string, unknown>> }): Found {
  return (alert.event as { data?: Found }).data ?? {};
}

/** What was measured, by the event that an alert rests on. */
export function measuredIn(alert: { event: Readonly<Record<string, unknown>> }): Measured {
  const { pollutant, observed, limit, unit } = foundIn(alert);
  return {
    pollutant:
      pollutant === undefined ? null : { code: pollutant.code ?? null, name: pollutant.name ?? null },
    observed: observed ?? null,
    limit: limit ?? null,
    unit: unit ?? null,
  };
}

const UNITS: Readonly<Record<string, string>> = {
  "mg/m3": "mg/m³",
  "ug/m3": "μg/m³",
  degC: "℃",
  C: "℃",
  percent: "%",
};

/** `mg/m3` as mg/m³. */
export function unitName(unit: string | null | undefined): string {
  return unit == null ? "" : (UNITS[unit] ?? unit);
}

/** A number without the noise of its representation. */
export function figure(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** 二氧化硫 61.2 mg/m³，限值 50. */
export function measured(row: Measured, spoken: Language): string {
  const name = row.pollutant?.name ?? row.pollutant?.code ?? "";
  if (row.observed == null) return name;
  const value = amount(row.observed, row.unit);
  const against =
    row.limit == null ? "" : spoken === "en" ? `, limit ${figure(row.limit)}` : `，限值 ${figure(row.limit)}`;
  return `${name} ${value}${against}`.trim();
}

/** One value with its unit: 61.2 mg/m³; nothing where there is none. */
export function amount(value: number | null | undefined, unit: string | null | undefined): string {
  return value == null ? "" : `${figure(value)} ${unitName(unit)}`.trim();
}

/** A measurement as short as it goes: 二氧化硫 61.2 / 50 mg/m³. */
export function measuredBriefly(row: Measured): string {
  const name = row.pollutant?.name ?? row.pollutant?.code ?? "";
  if (row.observed == null) return name;
  const limit = row.limit == null ? "" : ` / ${figure(row.limit)}`;
  const value = `${figure(row.observed)}${limit} ${unitName(row.unit)}`.trim();
  return `${name} ${value.replaceAll(" ", "\u00a0")}`.trim(); // a value is not broken from its limit and unit
}

/** A reason of the services with units as people write them. */
export function reasonText(reason: string): string {
  return reason.replaceAll("mg/m3", "mg/m³").replaceAll("ug/m3", "μg/m³");
}

/** How many times over the limit (超标倍数), where that is how one counts: of concentrations. */
export function timesOver(row: Measured): number | null {
  if (row.observed == null || row.limit == null || row.limit <= 0 || row.observed <= row.limit) return null;
  if (!/g\/(m3|L)$/i.test(row.unit ?? "")) return null;
  return Number((row.observed / row.limit - 1).toFixed(2));
}

/** An outlet by its name and its number. */
export function outletName(outlet: Partial<Outlet> | null | undefined): string {
  if (outlet == null) return "";
  return [outlet.name, outlet.code ?? outlet.mn].filter(Boolean).join(" ");
}

/** An enterprise by its name, or by its code where nobody registered it. */
export function enterpriseName(row: { enterprise_name: string | null; enterprise_code: string }): string {
  return row.enterprise_name ?? row.enterprise_code;
}
