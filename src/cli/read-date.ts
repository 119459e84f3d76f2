/** Unix milliseconds of an ISO date, which begins at midnight UTC, or of an ISO time with its zone; undefined for another text. */
export function readDate(text: string): number | undefined {
  const at = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
