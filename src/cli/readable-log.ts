import { isJsonObject, parseJson, type Json, type JsonObject } from '../model/json.ts';

/** One line of the JSON log as a person at a terminal reads it: the time of day, what happened, and what belongs to it. */
export function readableLogLine(line: string): string {
  const record = parseJson(line);
  if (!isJsonObject(record)) return line.trimEnd();
  const { time, level, msg, ...fields } = record;
  const message = typeof msg === 'string' ? msg : '';
  return [clockTime(time), severity(level), shortForms[message]?.(fields) ?? longForm(message, fields)]
    .filter((piece) => piece !== '')
    .join(' ');
}

/** The two lines that every request writes, without what only a program would look for. */
const shortForms: Readonly<Record<string, (fields: JsonObject) => string>> = {
  request: ({ method, route, status, durationMs, model, fault, requestId }) =>
    words(method, route ?? '(no such route)', status, `${Math.round(Number(durationMs ?? 0))} ms`, model, fault, requestId),
  settled: ({ outcome, model, inputTokens, outputTokens, requestId }) =>
    words(outcome, model, `${shown(inputTokens ?? 0)} tokens in,`, `${shown(outputTokens ?? 0)} out`, requestId),
};

function longForm(message: string, fields: JsonObject): string {
  return words(message, ...Object.entries(fields).map(([name, value]) => `${name}=${shown(value)}`));
}

function words(...values: readonly (Json | undefined)[]): string {
  return values
    .filter((value) => value !== undefined)
    .map(shown)
    .join('  ');
}

function shown(value: Json): string {
  if (typeof value === 'string') return value;
  // The stack of an error is in the JSON log; here it would bury the line.
  if (isJsonObject(value) && typeof value['message'] === 'string') return `"${value['message']}"`;
  return JSON.stringify(value);
}

/** Pino's numbers. Information is the rule and needs no word. */
function severity(level: Json | undefined): string {
  if (level === 20) return 'debug';
  if (level === 40) return 'warning';
  return level === 50 ? 'ERROR' : '';
}

function clockTime(time: Json | undefined): string {
  return typeof time === 'number' ? new Date(time).toTimeString().slice(0, 8) : '';
}
