import type { createGateway } from 'ai';
import type { createGateway as createOlderGateway } from 'ai-6';
import { expect, test } from 'vitest';
import type { Answer } from '../../model/answer.ts';
import { FlashmuxError } from '../../model/fault.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { unfold } from '../../model/stream.ts';
import type { Envelope } from '../codec.ts';
import { aiGateway } from './ai-gateway.ts';

// What is written, against the types of the specification: `satisfies` holds the expected values to those of both lines of the client.

type Model = ReturnType<ReturnType<typeof createGateway>['languageModel']>;
type OlderModel = ReturnType<ReturnType<typeof createOlderGateway>['languageModel']>;
type ResultV4 = Awaited<ReturnType<Model['doGenerate']>>;
type ResultV3 = Awaited<ReturnType<OlderModel['doGenerate']>>;
type PartV4 = Awaited<ReturnType<Model['doStream']>>['stream'] extends ReadableStream<infer Part> ? Part : never;

const envelope: Envelope = {
  id: 'gen_1',
  requestId: 'req_1',
  createdAt: 1_770_000_000,
  model: 'qwen3.5-flash',
  provider: 'host',
  creditsPerUsd: 2_000_000n,
};
const request: GenerateRequest = {
  model: 'alibaba/qwen3.5-flash',
  turns: [],
  tools: [],
  sampling: {},
  limits: {},
  thinking: { kind: 'unsaid' },
  form: { kind: 'unsaid' },
  delivery: { kind: 'stream' },
};
const citation = { url: 'https://example.com', title: 'Example', startIndex: 0, endIndex: 3 };
const answer: Answer = {
  choices: [
    {
      reason: 'tool-calls',
      parts: [
        { kind: 'reasoning', text: 'hm', seal: { protocol: 'ai-gateway', value: { anthropic: { signature: 's' } } } },
        { kind: 'text', text: 'Sky', citations: [citation] },
        { kind: 'media', medium: 'audio', source: { kind: 'bytes', base64: 'AAAA', format: 'wav' } },
        { kind: 'tool-call', callId: 'c', name: 'f', argumentsText: '{"a": 1}', ranBy: 'caller' },
      ],
    },
  ],
  usage: { input: { total: 10, cacheRead: 4 }, output: { total: 5, reasoning: 2 }, toolCalls: {} },
  bill: { lines: [], total: 676_600n, priceListId: 'list' },
  notices: [{ code: 'dropped', path: 'messages[0].content[1]', message: 'No place.' }],
  carried: [],
};

const source = { type: 'source', sourceType: 'url', id: 'source-0', url: 'https://example.com', title: 'Example' } as const;
const usage = {
  inputTokens: { total: 10, noCache: 6, cacheRead: 4 },
  outputTokens: { total: 5, text: 3, reasoning: 2 },
  raw: expect.objectContaining({ prompt_tokens: 10, completion_tokens: 5, cost_usd: 0.0006766 }),
};
const told = { inputTokens: { ...usage.inputTokens, cacheWrite: undefined }, outputTokens: usage.outputTokens };
const metadata = {
  gateway: {
    routing: {
      originalModelId: 'alibaba/qwen3.5-flash',
      canonicalSlug: 'qwen3.5-flash',
      resolvedProvider: 'host',
      finalProvider: 'host',
    },
    cost: '0.0006766',
    generationId: 'gen_1',
  },
  flashmux: { requestId: 'req_1' },
};
const finishReason = { unified: 'tool-calls', raw: 'tool-calls' } as const;
const warnings = [{ type: 'unsupported' as const, feature: 'prompt[0].content[1]', details: 'No place.' }];
const call = { type: 'tool-call', toolCallId: 'c', toolName: 'f', input: '{"a": 1}' } as const;
const thought = { type: 'reasoning', text: 'hm', providerMetadata: { anthropic: { signature: 's' } } } as const;

test('a whole answer is a result of specification 4', () => {
  const result = {
    content: [
      thought,
      { type: 'text', text: 'Sky', citations: [{ source, startIndex: 0, endIndex: 3 }] },
      source,
      { type: 'file', mediaType: 'audio/wav', data: { type: 'data', data: 'AAAA' } },
      call,
    ],
    finishReason,
    usage: told,
    warnings,
    providerMetadata: metadata,
  } satisfies ResultV4;
  expect(aiGateway(4).server.writeAnswer(answer, envelope, request)).toEqual({
    ...result,
    usage,
    warnings: [{ ...warnings[0], code: 'dropped', path: 'messages[0].content[1]' }],
    response: { id: 'gen_1', modelId: 'qwen3.5-flash', provider: 'host', timestamp: '2026-02-02T02:40:00.000Z' },
  });
});

test('a whole answer is a result of specification 3', () => {
  const positions = { flashmux: { startIndex: 0, endIndex: 3 } };
  const result = {
    content: [
      thought,
      { type: 'text', text: 'Sky' },
      { ...source, providerMetadata: positions },
      { type: 'file', mediaType: 'audio/wav', data: 'AAAA' },
      call,
    ],
    finishReason,
    usage: told,
    warnings,
    providerMetadata: metadata,
  } satisfies ResultV3;
  expect(aiGateway(3).server.writeAnswer(answer, envelope, request)).toMatchObject({
    content: result.content,
    finishReason,
    usage,
  });
});

test('a stream is the parts of specification 4, each with its beginning and its end', () => {
  const writer = aiGateway(4).server.streamWriter(envelope, request);
  const text = writer.write(unfold(answer)) + writer.end();
  const parts = [
    { type: 'stream-start', warnings },
    { type: 'reasoning-start', id: '0' },
    { type: 'reasoning-delta', id: '0', delta: 'hm' },
    { type: 'reasoning-end', id: '0', providerMetadata: { anthropic: { signature: 's' } } },
    { type: 'text-start', id: '1' },
    { type: 'text-delta', id: '1', delta: 'Sky' },
    source,
    { type: 'text-end', id: '1', citations: [{ source, startIndex: 0, endIndex: 3 }] },
    { type: 'file', mediaType: 'audio/wav', data: { type: 'data', data: 'AAAA' } },
    { type: 'tool-input-start', id: 'c', toolName: 'f' },
    { type: 'tool-input-delta', id: 'c', delta: '{"a": 1}' },
    { type: 'tool-input-end', id: 'c' },
    call,
  ] satisfies readonly PartV4[];
  const said = text.split('\n\n').filter((line) => line.startsWith('data: {'));
  const read = said.map((line): { readonly type: string } => JSON.parse(line.slice('data: '.length)));
  const finish = { type: 'finish', finishReason, usage: told, providerMetadata: metadata } satisfies PartV4;
  expect(read.filter(({ type }) => type !== 'response-metadata')).toMatchObject([...parts, { ...finish, usage }]);
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
});

test('a fault in a stream is an error part with the words of the envelope', () => {
  const { streamWriter, writeFault } = aiGateway(4).server;
  const writer = streamWriter(envelope, request);
  writer.write([{ kind: 'part-start', answer: 0, index: 0, part: { kind: 'text' } }]);
  const fault = new FlashmuxError('upstream_failed', 'The host broke off.');
  const part: unknown = JSON.parse(writer.fault(fault).slice('data: '.length));
  expect(part).toEqual({ type: 'error', error: writeFault(fault, 'req_1')['error'] });
  expect(part).toMatchObject({ error: { type: 'failed_dependency', message: 'The host broke off.' } });
});

test('a fault has the type that the client makes a class of, and names the field as the caller wrote it', () => {
  const { writeFault } = aiGateway(4).server;
  const written = (fault: FlashmuxError): unknown => writeFault(fault, 'req_1')['error'];
  expect(written(new FlashmuxError('unknown_model', 'No model "x".', { param: 'model' }))).toMatchObject({
    type: 'model_not_found',
    message: 'No model "x". (ai-language-model-id)',
    param: 'ai-language-model-id',
  });
  expect(written(new FlashmuxError('invalid_request', 'top_p is 7; it must be less.', { param: 'top_p' }))).toMatchObject({
    type: 'invalid_request_error',
    message: 'topP is 7; it must be less.',
  });
  for (const [code, type] of [
    ['invalid_key', 'authentication_error'],
    ['forbidden', 'forbidden'],
    ['not_found', 'not_found'],
    ['insufficient_credits', 'insufficient_funds'],
    ['rate_limited', 'rate_limit_exceeded'],
    ['upstream_timeout', 'failed_dependency'],
    ['overloaded', 'internal_server_error'],
  ] as const) {
    expect(written(new FlashmuxError(code, 'x'))).toMatchObject({ type, param: null });
  }
});
