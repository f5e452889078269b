/** A share in hundredths, rounded to a tenth, but never up to all of them: 99.96 % is not 100 %. */
export function percent(share: number): string {
  return share >= 1 ? "100" : Math.min(Math.round(share * 1000) / 10, 99.9).toFixed(1);
}

/** The same with its sign, and a dash where there is nothing to have a share of. */
export function shareText(share: number | null): string {
  return share === null ? "–" : `${percent(share)} %`;
}
