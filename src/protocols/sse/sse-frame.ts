/**
 * One event as `text/event-stream` text. Every line of `data` gets its own `data:` line, as the format demands, and comes
 * back from the decoder as it was (with its line ends as LF).
 */
export function sseFrame(data: string, event?: string): string {
  const head = event === undefined ? '' : `event: ${oneLine(event)}\n`;
  // JSON text has no raw line ends, so this is the usual way out.
  if (!hasLineEnd(data)) return `${head}data: ${data}\n\n`;
  return `${head}${data
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}\n`)
    .join('')}\n`;
}

/** A comment: keeps a connection alive and is shown to nobody. */
export function sseComment(text: string): string {
  return `: ${oneLine(text)}\n\n`;
}

function hasLineEnd(text: string): boolean {
  return text.includes('\n') || text.includes('\r');
}

/** A line end inside an event name or a comment would start a new field. */
function oneLine(text: string): string {
  return hasLineEnd(text) ? text.replaceAll(/[\r\n]+/g, ' ') : text;
}
