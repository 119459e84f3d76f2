import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Citation, MediaPart, Part, ReasoningPart, RefusalPart, TextPart, ToolCallPart } from '../../model/part.ts';
import { carriedFields } from '../../model/protocol.ts';
import { withCarried } from '../wire/carried.ts';
import { writeLogprobs } from '../wire/logprobs.ts';
import { wire } from '../wire/said.ts';
import { mediaTypeOf } from './media-type.ts';
import { writeSeal } from './seal.ts';
import type { Specification } from './specification.ts';
import { mediaWords, writeBytes } from './write-file.ts';
import { writeWords } from './words.ts';

/*
 * The parts of an answer as the specification has them, for whole replies and for streams alike. `carried` are metadata that a host of this
 * protocol told of the part.
 */

/** A whole text; its sources are parts of their own behind it. */
export function writeText(
  part: TextPart | RefusalPart,
  version: Specification,
  sources: readonly JsonObject[],
  carried: JsonObject,
): JsonObject {
  const metadata = { ...textMetadata(part), ...logprobsMetadata(part) };
  const citations = part.kind === 'text' ? writeCitations(part.citations, version, sources) : undefined;
  return wire({ type: 'text', text: part.text, citations, providerMetadata: merged(part, { flashmux: metadata }, carried) });
}

/** That a text is a refusal: the specification has no part for it. */
export function textMetadata({ kind }: { readonly kind: 'text' | 'refusal' }): Record<string, Json> {
  return kind === 'refusal' ? { refusal: true } : {};
}

export function logprobsMetadata({ logprobs }: Pick<TextPart, 'logprobs'>): Record<string, Json | undefined> {
  return logprobs === undefined ? {} : { logprobs: writeLogprobs(logprobs, [])['content'] };
}

/** Where in the text each source is cited: only specification 4 has a place for it. */
export function writeCitations(
  citations: readonly Citation[] | undefined,
  version: Specification,
  sources: readonly JsonObject[],
): Json | undefined {
  if (version === 3 || citations === undefined || citations.length === 0) return undefined;
  return citations.map(({ startIndex, endIndex }, index) => ({ source: sources[index] ?? {}, startIndex, endIndex }));
}

/** The sources of a text, numbered through the answer. Where the specification has no place for positions they stand in the metadata. */
export function writeSource(citation: Citation, id: string, version: Specification): JsonObject {
  const { url, title, startIndex, endIndex } = citation;
  return wire({
    type: 'source',
    sourceType: 'url',
    id,
    url,
    title: title === '' ? undefined : title,
    providerMetadata: version === 3 ? { flashmux: { startIndex, endIndex } } : undefined,
  });
}

export function writeReasoning(part: ReasoningPart, carried: JsonObject): JsonObject {
  return wire({ type: 'reasoning', text: part.text, providerMetadata: sealMetadata(part, carried) });
}

export function sealMetadata(
  part: Pick<ReasoningPart, 'seal' | 'itemId' | 'carry'>,
  carried: JsonObject,
): JsonObject | undefined {
  const { rest, told } = writeSeal(part.seal);
  return merged(part, { flashmux: { seal: told } }, withCarried(rest ?? {}, carried));
}

/**
 * What a server ran is said with the marks that keep a client from running it: `providerExecuted`, and `dynamic`, because the client has
 * no tool of that name.
 */
export function writeCall(part: ToolCallPart, carried: JsonObject): JsonObject {
  return wire({
    type: 'tool-call',
    toolCallId: part.callId,
    toolName: part.name,
    input: part.argumentsText,
    ...callMarks(part),
    providerMetadata: merged(part, { flashmux: ranByWord(part) }, carried),
  });
}

export function callMarks({ ranBy }: Pick<ToolCallPart, 'ranBy'>): Record<string, Json | undefined> {
  return ranBy === 'caller' ? {} : { providerExecuted: true, dynamic: true };
}

export function ranByWord({ ranBy }: Pick<ToolCallPart, 'ranBy'>): Record<string, Json | undefined> {
  return ranBy === 'server' ? { ranBy } : {};
}

/** `format`: what the caller asked for, where the host does not say what it is. */
export function writeMedia(part: MediaPart, version: Specification, format: string | undefined, carried: JsonObject): JsonObject {
  const { source, medium } = part;
  const own = source.kind === 'bytes' ? source.format : undefined;
  return wire({
    type: 'file',
    mediaType: mediaTypeOf(medium, own ?? (medium === 'audio' ? format : undefined)),
    data:
      source.kind === 'bytes'
        ? writeBytes(source.base64, version)
        : source.kind === 'url'
          ? writeAddress(source.url, version)
          : '',
    providerMetadata: merged(part, mediaWords(part), carried),
  });
}

function writeAddress(url: string, version: Specification): Json {
  return version === 4 ? { type: 'url', url } : url;
}

/** The metadata of a part: our words, and what a host of this protocol told when the part began and later. */
export function merged(
  part: Pick<Part, 'itemId' | 'carry'>,
  words: Parameters<typeof writeWords>[1],
  carried: JsonObject,
): JsonObject | undefined {
  const { providerMetadata } = carriedFields(part.carry, 'ai-gateway');
  const told = isJsonObject(providerMetadata) ? withCarried(providerMetadata, carried) : carried;
  const metadata = withCarried(writeWords(part, words) ?? {}, told);
  return Object.keys(metadata).length === 0 ? undefined : metadata;
}
