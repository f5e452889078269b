/** What was measured, as people write it. */
import type { AlertRow, CaseRow, Outlet } from "@shared/api/console";
import type { Language } from "@shared/language";

type Measured = Pick<CaseRow | AlertRow, "pollutant" | "observed" | "limit" | "unit">;

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
  const unit = unitName(row.unit);
  if (row.observed == null) return name;
  const value = `${figure(row.observed)}${unit && ` ${unit}`}`;
  const against =
    row.limit == null ? "" : spoken === "en" ? `, limit ${figure(row.limit)}` : `，限值 ${figure(row.limit)}`;
  return `${name} ${value}${against}`.trim();
}

/** A measurement as short as it goes: 二氧化硫 61.2 / 50 mg/m³. */
export function measuredBriefly(row: Measured): string {
  const name = row.pollutant?.name ?? row.pollutant?.code ?? "";
  if (row.observed == null) return name;
  const limit = row.limit == null ? "" : ` / ${figure(row.limit)}`;
  return `${name} ${figure(row.observed)}${limit} ${unitName(row.unit)}`.trim();
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
export function outletName(outlet: Outlet | null | undefined): string {
  if (outlet == null) return "";
  return [outlet.name, outlet.code ?? outlet.mn].filter(Boolean).join(" ");
}

/** An enterprise by its name, or by its code where nobody registered it. */
export function enterpriseName(row: { enterprise_name: string | null; enterprise_code: string }): string {
  return row.enterprise_name ?? row.enterprise_code;
}
