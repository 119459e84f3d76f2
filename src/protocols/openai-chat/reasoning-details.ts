import { isJsonObject, parseJson } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { ReasoningPart, Seal } from '../../model/part.ts';
import type { ProtocolName } from '../../model/protocol.ts';
import { isArray } from '../wire/fields.ts';
import { plainFlavour, type Flavour } from './flavour.ts';

/*
 * OpenRouter's `reasoning_details`: one entry a thought, with its signature or its encrypted form beside the text. A seal of this
 * protocol is such an entry without its text. A seal of another protocol travels in an entry of our own format, or in the signature of
 * an ordinary one, so that a caller who sends the conversation back returns it to the host that can read it.
 */

const foreignSeal = 'flashmux.seal/';

const protocols: readonly ProtocolName[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'ai-gateway', 'segmind'];

/** One entry, taken apart. `fields` is all that is not text, empty where the entry says only text. */
export interface ReasoningDetail {
  readonly text: string;
  readonly index: number | undefined;
  readonly fields: JsonObject;
}

export function readDetails(value: Json | undefined): readonly ReasoningDetail[] {
  return isArray(value) ? value.filter((entry) => isJsonObject(entry)).map(readDetail) : [];
}

function readDetail(entry: JsonObject): ReasoningDetail {
  const isSummary = entry['type'] === 'reasoning.summary';
  const text = entry[isSummary ? 'summary' : 'text'];
  const index = entry['index'];
  const kept = Object.entries(entry).filter(
    ([key, field]) =>
      field !== null && key !== 'index' && !(key === (isSummary ? 'summary' : 'text') && typeof field === 'string'),
  );
  const fields: JsonObject = Object.fromEntries(kept);
  return {
    text: typeof text === 'string' ? text : '',
    index: typeof index === 'number' ? index : undefined,
    fields: saysOnlyText(fields) ? {} : fields,
  };
}

function saysOnlyText(fields: JsonObject): boolean {
  return Object.entries(fields).every(
    ([key, value]) => (key === 'type' && value === 'reasoning.text') || (key === 'format' && value === 'unknown'),
  );
}

/** The seal that the gathered fields of an entry are; undefined for an entry that was only text. `ordinal` is its place among the thoughts. */
export function sealOf(fields: JsonObject, index: number | undefined, ordinal: number): Seal | undefined {
  if (Object.keys(fields).length === 0) return undefined;
  const signed = packedSeal(fields['signature']);
  if (signed !== undefined) return signed;
  const format = fields['format'];
  if (typeof format === 'string' && format.startsWith(foreignSeal)) {
    const protocol = protocols.find((name) => name === format.slice(foreignSeal.length));
    const value = fields['seal'];
    if (protocol !== undefined && value !== undefined) return { protocol, value };
  }
  return { protocol: 'openai-chat', value: index === undefined || index === ordinal ? fields : { ...fields, index } };
}

/** All thoughts of a message: the details where they say the text too, else the plain text followed by the details. */
export function readReasoning(plain: string, details: readonly ReasoningDetail[]): readonly ReasoningPart[] {
  const detailsHaveText = details.some((detail) => detail.text !== '');
  const entries = detailsHaveText || plain === '' ? details : [{ text: plain, index: undefined, fields: {} }, ...details];
  const first = entries[0];
  const second = entries[1];
  // A signature without text beside the plain text signs that text.
  if (!detailsHaveText && first !== undefined && second !== undefined && plain !== '' && signsText(second.fields)) {
    return [{ ...first, fields: second.fields }, ...entries.slice(2)].map(partOf);
  }
  return entries.map(partOf).filter((part) => part.text !== '' || part.seal !== undefined);
}

/** False for an encrypted thought, which is a thought of its own. */
export function signsText(fields: JsonObject): boolean {
  const type = fields['type'];
  return Object.keys(fields).length > 0 && (type === undefined || type === 'reasoning.text' || type === 'reasoning.summary');
}

function partOf(detail: ReasoningDetail, ordinal: number): ReasoningPart {
  const seal = sealOf(detail.fields, detail.index, ordinal);
  return { kind: 'reasoning', text: detail.text, ...(seal === undefined ? {} : { seal }) };
}

/** One entry as it goes out. The keys with null are what `@openrouter/ai-sdk-provider` expects of an unsigned thought. */
export function writeDetail(text: string, seal: Seal | undefined, ordinal: number, flavour: Flavour = plainFlavour): JsonObject {
  if (seal === undefined) return { type: 'reasoning.text', text, format: 'unknown', index: ordinal, id: null, signature: null };
  const written = writeSeal(seal, text, flavour);
  return { index: ordinal, ...(text === '' || 'summary' in written ? {} : { text }), ...written };
}

/**
 * The entry of a piece of a thought, as a stream sends it where its clients want one. Without a format: `@openrouter/ai-sdk-provider`
 * keeps the first that it sees, and that of a proof comes last.
 */
export function writeTextEntry(text: string, ordinal: number): JsonObject {
  return { type: 'reasoning.text', text, index: ordinal };
}

/** Ends the entries of a thought without proof. Its format says so: thoughts without one are taken for signed ones that lost their signature. */
export function writeEndEntry(ordinal: number): JsonObject {
  return { type: 'reasoning.text', text: '', format: 'unknown', index: ordinal };
}

/** The entry of a seal without its text, as a stream sends it after the text. */
export function writeSealEntry(seal: Seal, ordinal: number, flavour: Flavour = plainFlavour): JsonObject {
  return { index: ordinal, ...writeSeal(seal, '', flavour) };
}

function writeSeal(seal: Seal, text: string, { sealsInSignatures }: Flavour): JsonObject {
  if (seal.protocol !== 'openai-chat') {
    return sealsInSignatures === true
      ? { type: 'reasoning.text', format: 'unknown', signature: packed(seal) }
      : { type: 'reasoning.text', format: `${foreignSeal}${seal.protocol}`, seal: seal.value };
  }
  const value = isJsonObject(seal.value) ? seal.value : { seal: seal.value };
  return value['type'] === 'reasoning.summary' && text !== '' ? { ...value, summary: text } : value;
}

function packed({ protocol, value }: Seal): string {
  return `${foreignSeal}${protocol}/${Buffer.from(JSON.stringify(value)).toString('base64')}`;
}

function packedSeal(signature: Json | undefined): Seal | undefined {
  if (typeof signature !== 'string' || !signature.startsWith(foreignSeal)) return undefined;
  const protocol = protocols.find((known) => signature.startsWith(`${foreignSeal}${known}/`));
  if (protocol === undefined) return undefined;
  const base64 = signature.slice(foreignSeal.length + protocol.length + 1);
  const value = parseJson(Buffer.from(base64, 'base64').toString());
  return value === undefined ? undefined : { protocol, value };
}
