import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FlashmuxError } from '../../src/model/fault.ts';
import type { Json, JsonObject } from '../../src/model/json.ts';
import type { Notice } from '../../src/model/notice.ts';
import type { GenerateRequest } from '../../src/model/request.ts';
import { openaiChat } from '../../src/protocols/openai-chat/openai-chat.ts';
import { applyQuirks } from '../../src/providers/openai-compatible/apply-quirks.ts';
import { knownHosts } from '../../src/providers/known-hosts/known-hosts.ts';
import { quirksRows, type QuirksName } from '../../src/providers/quirks.ts';
import { lawRuns } from '../support/arbitraries/fuzz-runs.ts';
import { generateRequest } from '../support/arbitraries/requests.ts';
import { llamaServer, ollama, sglang, vllm } from './own-servers.ts';
import { aimlapi, alibaba, empiriolabsBase, empiriolabsVariant, openai, openrouter, vercel } from './public-hosts.ts';

/** What each host documents of a request, by its row of quirks and the id of the model where that matters. */
const documented: readonly (readonly [QuirksName, string, JsonObject])[] = [
  ['dashscope', 'qwen3.5-flash', alibaba],
  ['empiriolabs', 'qwen3-5-flash', empiriolabsBase],
  ['empiriolabs', 'qwen3-5-flash:variant1', empiriolabsVariant],
  ['aimlapi', 'alibaba/qwen3.5-omni-flash', aimlapi],
  ['vercel', 'alibaba/qwen3.5-flash', vercel],
  ['openrouter', 'qwen/qwen3.5-flash-02-23', openrouter],
  ['openai', 'gpt-5.2', openai],
  ['vllm', 'Qwen/Qwen3.5-35B-A3B', vllm],
  ['sglang', 'Qwen/Qwen3.5-35B-A3B', sglang],
  ['llama-server', 'qwen3.5', llamaServer],
  ['ollama', 'qwen3.5:4b', ollama],
];

interface Sent {
  readonly body: Json;
  readonly notices: readonly Notice[];
}

/** As it stands on the wire. Undefined where the host cannot be asked this at all, which the caller is told by a fault. */
function sent(name: QuirksName, request: GenerateRequest): Sent | undefined {
  const written = openaiChat.client.writeRequest(request);
  try {
    const { body, notices } = applyQuirks(written.body, request, quirksRows[name]);
    const onTheWire: Json = JSON.parse(JSON.stringify(body));
    return { body: onTheWire, notices: [...written.notices, ...notices] };
  } catch (error) {
    if (FlashmuxError.is(error) && error.code === 'unsupported_media') return undefined;
    throw error;
  }
}

describe.each(documented)('%s (%s)', (name, model, schema) => {
  const ajv = new Ajv2020({ strict: true, allowMatchingProperties: true, allErrors: true, strictRequired: false });
  const validate = ajv.compile(schema);

  test('is sent what it documents and nothing else, whatever is asked for', () => {
    let reached = 0;
    fc.assert(
      fc.property(generateRequest('openai-chat'), (asked) => {
        const result = sent(name, { ...asked, model });
        if (result === undefined) return;
        reached++;
        const isValid = validate(result.body);
        const wrong = (validate.errors ?? []).map(({ instancePath, message, params }) => [instancePath, message, params]);
        expect(isValid, JSON.stringify([wrong.slice(0, 8), result.body])).toBe(true);
      }),
      { numRuns: lawRuns },
    );
    expect(reached, 'requests that the host can be asked').toBeGreaterThan(lawRuns / 3);
  });

  test('a schema that takes everything would not do: a field of nobody is refused by it', () => {
    const plain = { model, messages: [{ role: 'user', content: 'hi' }] };
    expect(validate(plain)).toBe(true);
    expect(validate({ ...plain, x_field: 1 })).toBe(false);
    expect(validate({ ...plain, messages: [{ role: 'user', content: [{ type: 'text', text: 'hi', x_field: 1 }] }] })).toBe(false);
  });
});

describe('every known host', () => {
  const rows = new Set(documented.map(([name]) => name));

  test.each(knownHosts.filter(({ type }) => type === 'openai-compatible'))('$name has a documented schema', ({ quirks }) => {
    expect(rows).toContain(quirks);
  });
});

describe('what does not reach a host', () => {
  const unknownToAll: GenerateRequest = {
    model: 'm',
    turns: [
      { role: 'user', parts: [{ kind: 'text', text: 'hi' }], carry: { protocol: 'openai-chat', fields: { x_turn: 1 } } },
      {
        role: 'user',
        parts: [{ kind: 'text', text: 'ho', carry: { protocol: 'openai-chat', fields: { x_part: 1 } } }],
      },
    ],
    tools: [{ kind: 'function', name: 'f', carry: { protocol: 'openai-chat', fields: { x_tool: 1 } } }],
    sampling: {},
    limits: {},
    thinking: { kind: 'unsaid' },
    form: { kind: 'unsaid' },
    delivery: { kind: 'stream', carry: { protocol: 'openai-chat', fields: { x_option: 1 } } },
    carry: { protocol: 'openai-chat', fields: { x_body: 1 } },
  };

  test.each(documented)('is told, at every level: %s (%s)', (name) => {
    const told = sent(name, unknownToAll)?.notices.map(({ code, path }) => `${code} ${path}`) ?? [];
    const places = [
      'x_body',
      'stream_options.x_option',
      'messages[0].x_turn',
      'messages[1].content[0].x_part',
      'tools[0].x_tool',
    ];
    for (const place of places) expect(told).toContain(`dropped ${place}`);
  });

  test.each(['generic', 'flashmux'] as const)('is nothing at a host that reads what it knows: %s', (name) => {
    const body = JSON.stringify(sent(name, unknownToAll)?.body);
    for (const field of ['x_body', 'x_option', 'x_turn', 'x_part', 'x_tool']) expect(body).toContain(field);
  });
});
