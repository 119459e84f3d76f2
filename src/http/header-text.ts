/**
 * Text for a header of a reply: printable ASCII only, because Node refuses anything else and a line break would be a header of
 * the caller's choice. Other characters are percent-encoded. Cut after `maxLength` characters.
 */
export function headerText(text: string, maxLength: number): string {
  const safe = text
    .slice(0, maxLength)
    .toWellFormed()
    .replaceAll(/[^\x20-\x7e]/gu, (character) => encodeURIComponent(character));
  return safe.length <= maxLength ? safe.trim() : `${safe.slice(0, maxLength - 3)}...`.trim();
}
