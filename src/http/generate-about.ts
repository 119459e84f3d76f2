import type { Dialect } from '../dialects/dialect.ts';
import { ref, said, text } from '../model/json-schema.ts';
import type { RouteAbout } from './route-about.ts';

/** What the OpenAPI document says of a call that generates; undefined for a dialect that says nothing of it. */
export function generateAbout({ about, stream }: Dialect, path: string): RouteAbout | undefined {
  const call = about?.calls[path];
  if (about === undefined || call === undefined) return undefined;
  const { schemas, example } = about;
  const streamType = stream.contentType.split(';', 1)[0] ?? stream.contentType;
  return {
    operationId: call.operationId,
    group: about.title,
    summary: call.summary,
    ...(call.parameters === undefined ? {} : { parameters: call.parameters }),
    headers: { 'idempotency-key': idempotencyKey, ...about.headers },
    ...(about.neededHeaders === undefined ? {} : { needed: about.neededHeaders }),
    request: { schema: ref(schemas.request), examples: { call: { summary: call.summary, value: example } } },
    answers: {
      '200': {
        description: 'The answer: whole, or where the request asks for a stream, as it is written.',
        content: { 'application/json': ref(schemas.answer), [streamType]: ref(schemas.event) },
        headers: answerHeaders,
      },
    },
    faults: 'all',
    definitions: schemas.definitions,
  };
}

/** What the document says of the call of a dialect that counts the input of a request. */
export function countingAbout({ about }: Dialect, path: string): RouteAbout | undefined {
  const call = about?.calls[path];
  const counted = about?.schemas.count;
  if (about === undefined || call === undefined || counted === undefined) return undefined;
  return {
    operationId: call.operationId,
    group: about.title,
    summary: call.summary,
    description: 'Costs nothing.',
    request: { schema: ref(counted.request), examples: { call: { summary: call.summary, value: about.example } } },
    answers: { '200': { description: 'The count.', content: { 'application/json': ref(counted.answer) } } },
    faults: 'all',
    definitions: about.schemas.definitions,
  };
}

const idempotencyKey = said(
  'The same key with the same body is answered once, and charged once: a repeated call gets the answer of the first.',
  { ...text, minLength: 1, maxLength: 255 },
);

const answerHeaders: Readonly<Record<string, string>> = {
  'x-flashmux-model': 'The model that answered.',
  'x-flashmux-provider': 'The host that answered.',
  'x-flashmux-stand-in-for': 'There where a local stand-in answers: the model that was asked for.',
  'x-flashmux-notices': 'What was done to the request: pairs of a code and a path, such as `dropped:messages[4].content[1]`.',
  'idempotent-replayed': 'true where the answer was given before, to a request with the same idempotency key.',
};
