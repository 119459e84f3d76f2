import type { Answer } from '../../model/answer.ts';
import type { AnswerEvent } from '../../model/event.ts';
import { FlashmuxError } from '../../model/fault.ts';
import type { Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { unfold } from '../../model/stream.ts';
import type { CodecReply } from '../../../tests/support/codec-server.ts';

/* What the published clients are told in real-clients.test.ts. */

export const seal = { protocol: 'anthropic-messages' as const, value: 'signed' };
const calls: readonly Part[] = [1, 2].map((a) => ({
  kind: 'tool-call',
  callId: `call_${a}`,
  name: 'f',
  argumentsText: `{"a":${a}}`,
  ranBy: 'caller',
}));
export const said: Answer = {
  choices: [
    {
      parts: [
        { kind: 'reasoning', text: 'think', seal },
        { kind: 'text', text: 'hello', citations: [{ url: 'http://a/', title: 'T', startIndex: 0, endIndex: 2 }] },
        ...calls,
      ],
      reason: 'tool-calls',
    },
  ],
  usage: { input: { total: 10, cacheRead: 2 }, output: { total: 5, reasoning: 3 }, toolCalls: { web_search: 1 } },
  notices: [{ code: 'ignored', path: 'seed', message: 'told' }],
  carried: [],
};
const fault = new FlashmuxError('rate_limited', 'slow down');

function only(parts: readonly Part[], reason: 'stop' | 'length' = 'stop'): Answer {
  return { ...said, choices: [{ parts, reason }] };
}

/** The same answer with both calls open at once, each in two pieces. */
function interleaved(): readonly AnswerEvent[] {
  const events = unfold(said);
  const open = events.filter((event) => event.kind === 'part-start' && event.index > 1);
  const pieces = [2, 3].map((index): AnswerEvent[] => [
    { kind: 'part-delta', answer: 0, index, delta: { kind: 'arguments', text: '{"a":' } },
    { kind: 'part-delta', answer: 0, index, delta: { kind: 'arguments', text: `${index - 1}}` } },
    { kind: 'part-end', answer: 0, index },
  ]);
  const rest = events.filter((event) => !('index' in event) || event.index < 2);
  const at = rest.findIndex((event) => event.kind === 'answer-end');
  const mixed = [0, 1, 2].flatMap((step) => pieces.flatMap((list) => list.slice(step, step + 1)));
  return [...rest.slice(0, at), ...open, ...mixed, ...rest.slice(at)];
}

const serverTools = ['web_search', 'web_extractor', 'code_interpreter', 'image_search'].map((name, index): Part => ({
  kind: 'tool-call',
  callId: `s${index}`,
  name,
  argumentsText: '{"query":"q"}',
  ranBy: 'server',
}));
const foreign: Part = {
  kind: 'opaque',
  protocol: 'openai-responses',
  value: { type: 'web_extractor_call', id: 'we_1', urls: ['u'], status: 'completed' },
};

/** The model that a request names says what comes back. */
export function reply(request: GenerateRequest): CodecReply {
  switch (request.model) {
    case 'refuses':
      return { events: [], fault };
    case 'breaks':
      return { events: unfold(said).slice(0, 4), fault };
    case 'interleaves':
      return { events: interleaved() };
    case 'answers-in-json':
      return { events: unfold(only([{ kind: 'text', text: '{"a":1}' }])) };
    case 'declines':
      return { events: unfold(only([{ kind: 'refusal', text: 'no' }])) };
    case 'is-cut':
      return { events: unfold(only([{ kind: 'text', text: 'hel' }], 'length')) };
    case 'searches':
      return { events: unfold(only([...serverTools, foreign, { kind: 'text', text: 'found' }])) };
    case 'calls-once': {
      const isAnswered = request.turns.some((turn) => turn.parts.some((part) => part.kind === 'tool-result'));
      return { events: unfold(isAnswered ? only([{ kind: 'text', text: 'done' }]) : said) };
    }
    default:
      return { events: unfold(said) };
  }
}
