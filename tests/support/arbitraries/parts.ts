import fc from 'fast-check';
import type { MediaPart, Part, TokenLogprob } from '../../../src/model/part.ts';
import type { ProtocolName } from '../../../src/model/protocol.ts';
import { carry, json, jsonObject, optional, text, word } from './basics.ts';

/*
 * Parts of requests. `own` is the protocol under test: most carried fields, opaque blocks and seals are its own, some are another's, so
 * that a writer meets both. An opaque block of it must be of a form that its reader would call unknown.
 */

export const base64: fc.Arbitrary<string> = fc.base64String({ minLength: 4, maxLength: 16 });

export function mostly(own: ProtocolName): fc.Arbitrary<ProtocolName> {
  const others: ProtocolName[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'ai-gateway', 'segmind'];
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant(own) },
    { weight: 1, arbitrary: fc.constantFrom(...others.filter((name) => name !== own)) },
  );
}

export function marks(own: ProtocolName): fc.Arbitrary<Pick<Part, 'cacheMark' | 'carry'>> {
  const lifetimes = fc.constantFrom(300, 3600, 90);
  const plain = fc.constant({});
  const cacheMark = fc.oneof(fc.constant({}), fc.record({ lifetimeSeconds: lifetimes }));
  return fc.oneof({ weight: 4, arbitrary: plain }, { weight: 1, arbitrary: optional({ cacheMark, carry: carry(mostly(own)) }) });
}

export function textPart(own: ProtocolName): fc.Arbitrary<Part> {
  return fc.tuple(text, marks(own)).map(([value, marked]): Part => ({ kind: 'text', text: value, ...marked }));
}

export function refusalPart(own: ProtocolName): fc.Arbitrary<Part> {
  return fc.tuple(text, marks(own)).map(([value, marked]): Part => ({ kind: 'refusal', text: value, ...marked }));
}

const address = fc.constantFrom(
  'https://example.com/a.png',
  'http://example.com/b?c=d#e',
  'oss://bucket/key',
  'https://example.com/s.mp3',
);

function picture(medium: 'image' | 'video' | 'document', formats: readonly string[]): fc.Arbitrary<MediaPart> {
  const bytes = fc.record({ kind: fc.constant('bytes' as const), base64, format: fc.constantFrom(...formats) });
  const source = fc.oneof(fc.record({ kind: fc.constant('url' as const), url: address }), bytes);
  return source.map((from): MediaPart => ({ kind: 'media', medium, source: from }));
}

const frames: fc.Arbitrary<MediaPart> = fc
  .array(address, { minLength: 1, maxLength: 3 })
  .map((urls) => ({ kind: 'media', medium: 'video', source: { kind: 'frames', urls } }));

const sound: fc.Arbitrary<MediaPart> = fc
  .oneof(
    fc.record({ kind: fc.constant('bytes' as const), base64, format: fc.constantFrom('wav', 'mp3') }),
    fc.constant({ kind: 'bytes' as const, base64: 'AAAA' }),
    fc.record({ kind: fc.constant('url' as const), url: address }),
  )
  .map((source): MediaPart => ({ kind: 'media', medium: 'audio', source }));

const stored: fc.Arbitrary<MediaPart> = fc
  .tuple(fc.constantFrom('document' as const, 'document' as const, 'image' as const), word, optional({ filename: word }))
  .map(([medium, id, named]): MediaPart => ({ kind: 'media', medium, source: { kind: 'file', id, ...named } }));

const wishes = optional({
  framesPerSecond: fc.constantFrom(0.1, 2, 10),
  minPixels: fc.integer({ min: 1, max: 1000 }),
  maxPixels: fc.integer({ min: 4096, max: 16_777_216 }),
  totalPixels: fc.integer({ min: 1, max: 1_000_000 }),
});

export function mediaPart(own: ProtocolName): fc.Arbitrary<MediaPart> {
  const detailed = fc
    .tuple(picture('image', ['image/png', 'image/jpeg']), optional({ detail: fc.constantFrom('low', 'high', 'auto') }))
    .map(([part, detail]): MediaPart => ({ ...part, ...detail }));
  const any = fc.oneof(
    detailed,
    picture('video', ['video/mp4']),
    picture('document', ['application/pdf']),
    frames,
    sound,
    stored,
  );
  return fc.tuple(any, wishes, marks(own)).map(([part, wish, marked]): MediaPart => ({ ...part, ...wish, ...marked }));
}

export function reasoningPart(own: ProtocolName): fc.Arbitrary<Part> {
  const seal = mostly(own).chain((protocol) =>
    word.map((signature) => ({ protocol, value: { type: 'reasoning.text', signature } })),
  );
  return fc.tuple(text, optional({ seal })).map(([value, sealed]): Part => ({ kind: 'reasoning', text: value, ...sealed }));
}

/** Arguments are what a model wrote: mostly JSON, sometimes not. */
export const argumentsText: fc.Arbitrary<string> = fc.oneof(
  jsonObject.map((value) => JSON.stringify(value)),
  text,
  fc.constant('{"a":'),
  fc.constant(''),
);

export function toolCallPart(own: ProtocolName): fc.Arbitrary<Part> {
  const ranBy = fc.oneof(
    { weight: 12, arbitrary: fc.constant('caller' as const) },
    { weight: 1, arbitrary: fc.constant('server' as const) },
  );
  return fc
    .tuple(fc.record({ callId: word, name: word, argumentsText, ranBy }), marks(own), optional({ itemId: word }))
    .map(([call, marked, item]): Part => ({ kind: 'tool-call', ...call, ...item, ...marked }));
}

export function toolResultPart(own: ProtocolName): fc.Arbitrary<Part> {
  const inner = fc.array(fc.oneof({ weight: 8, arbitrary: textPart(own) }, { weight: 1, arbitrary: mediaPart(own) }), {
    maxLength: 2,
  });
  const outcome = fc.oneof(
    { weight: 5, arbitrary: fc.constant('ok' as const) },
    { weight: 1, arbitrary: fc.constant('error' as const) },
  );
  return fc
    .tuple(fc.record({ callId: word, parts: inner }), marks(own), optional({ outcome }))
    .map(([result, marked, ended]): Part => ({ kind: 'tool-result', ...result, ...ended, ...marked }));
}

export function opaquePart(own: ProtocolName): fc.Arbitrary<Part> {
  return fc
    .tuple(mostly(own), json)
    .map(([protocol, value]): Part => ({ kind: 'opaque', protocol, value: { type: 'x_block', value } }));
}

export const tokenLogprob: fc.Arbitrary<TokenLogprob> = fc.record({
  token: fc.string({ maxLength: 4 }),
  logprob: fc.constantFrom(0, -0.5, -9999),
  bytes: fc.oneof(fc.constant(null), fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 3 })),
  top: fc.array(fc.record({ token: fc.string({ maxLength: 4 }), logprob: fc.constantFrom(-1, -2), bytes: fc.constant(null) }), {
    maxLength: 2,
  }),
});
