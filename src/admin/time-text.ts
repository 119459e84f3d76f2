/** ISO 8601 in UTC; null for what has not come to pass. */
export function timeText(unixMs: number): string;
export function timeText(unixMs: number | undefined): string | null;
export function timeText(unixMs: number | undefined): string | null {
  return unixMs === undefined ? null : new Date(unixMs).toISOString();
}
