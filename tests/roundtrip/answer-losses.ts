import type { ProtocolName } from '../../src/model/protocol.ts';
import type { Explanation } from './explanation.ts';
import type { Difference } from './request-differences.ts';

/** What becomes of an answer that is told in a protocol: each difference that was ever seen, with the row of the protocol's losses. */
export const answerLosses: Readonly<Partial<Record<ProtocolName, readonly Explanation[]>>> = {
  'openai-chat': [
    { what: 'carried', row: 'carry of another protocol' },
    { what: 'opaque.dropped*', row: 'opaque content', told: /^dropped .*place for this block/ },
    { what: 'media.dropped*', row: 'media other than one sound', told: /^dropped .*place for this audio/ },
    ...['text', 'refusal', 'reasoning', 'tool-call'].map((kind) => ({ what: `${kind}.itemId`, row: 'itemId' })),
    ...[
      'text.text',
      'text.logprobs',
      'text.citations',
      'refusal.text',
      'refusal.logprobs',
      'reasoning.text',
      'reasoning.seal',
    ].map((what) => ({ what, row: 'parts of one kind' })),
    ...['text', 'refusal', 'reasoning', 'media', 'tool-call'].map((kind) => ({ what: `${kind}.order`, row: 'order of kinds' })),
    { what: 'tool-call.dropped*', row: 'tool-call ran by a server or provider' },
    { what: 'media.source', row: 'media.format' },
    { what: 'reason', row: 'reason other', when: ({ before }) => before === 'other' },
    { what: 'usage.input.total', row: 'usage totals not told', when: wasUntold },
    { what: 'usage.output.total', row: 'usage totals not told', when: wasUntold },
    ...['input.cacheRead', 'output.reasoning'].map((field) => ({
      what: `usage.${field}`,
      row: 'usage.input.cacheRead and usage.output.reasoning not told',
      when: wasUntold,
    })),
    { what: 'usage.input.cacheKind', row: 'usage.input.cacheKind implicit', when: ({ before }) => before === 'implicit' },
  ],
  'openai-responses': [
    { what: 'carried', row: 'carry of another protocol' },
    { what: 'choices.dropped', row: 'answers above the first', told: /^dropped .*hold one answer/ },
    { what: 'media.dropped*', row: 'media', told: /^dropped .*place for this audio/ },
    {
      what: 'opaque.dropped*',
      row: 'opaque content of a message, opaque of another protocol',
      told: /^dropped .*place for this block/,
    },
    ...['text', 'refusal', 'reasoning', 'tool-call'].map((kind) => ({
      what: `${kind}.itemId`,
      row: 'itemId unsaid',
      when: wasUntold,
    })),
    ...['text', 'refusal', 'reasoning', 'tool-call'].map((kind) => ({ what: `${kind}.itemId`, row: 'itemId named twice' })),
    { what: 'refusal.logprobs', row: 'refusal.logprobs' },
    { what: 'text.logprobs', row: 'logprobs.bytes null', when: ({ before }) => JSON.stringify(before).includes('"bytes":null') },
    { what: 'tool-call.dropped*', row: 'tool-call ran by a server or provider' },
    { what: 'opaque.added', row: 'tool-call ran by a server or provider' },
    { what: 'reason', row: 'reason stop or tool-calls', when: ({ before }) => before === 'stop' || before === 'tool-calls' },
    { what: 'reason', row: 'reason other', when: ({ before }) => before === 'other' },
    { what: 'usage.input.total', row: 'usage totals not told', when: wasUntold },
    { what: 'usage.output.total', row: 'usage totals not told', when: wasUntold },
    ...['input.cacheRead', 'input.cacheWrite', 'output.reasoning'].map((field) => ({
      what: `usage.${field}`,
      row: 'usage.input.cacheRead, usage.input.cacheWrite and usage.output.reasoning not told',
      when: wasUntold,
    })),
    { what: 'usage.input.cacheKind', row: 'usage.input.cacheKind implicit', when: ({ before }) => before === 'implicit' },
  ],
  'anthropic-messages': [
    { what: 'carried', row: 'carry of another protocol' },
    { what: 'createdAt', row: 'createdAt' },
    { what: 'choices.dropped', row: 'choices beyond the first', told: /^dropped .*hold one answer/ },
    { what: 'media.dropped*', row: 'media', told: /^dropped .*place for this audio/ },
    { what: 'opaque.dropped*', row: 'opaque of another protocol', told: /^dropped .*place for this block/ },
    { what: 'refusal to text', row: 'refusal' },
    { what: 'text.logprobs', row: 'text.logprobs' },
    { what: 'tool-call.argumentsText', row: 'tool-call.argumentsText in a whole answer' },
    { what: 'tool-call.dropped*', row: 'tool-call ran by a server or provider' },
    ...['text', 'reasoning', 'tool-call'].map((kind) => ({ what: `${kind}.itemId`, row: 'itemId' })),
    { what: 'reason', row: 'reason other, error', when: ({ before }) => before === 'other' || before === 'error' },
    { what: 'usage.input.total', row: 'usage totals not told', when: wasUntold },
    { what: 'usage.output.total', row: 'usage totals not told', when: wasUntold },
  ],
  'ai-gateway': [
    { what: 'carried', row: 'carry of another protocol' },
    { what: 'choices.dropped', row: 'answers after the first', told: /^dropped n:/ },
    { what: 'opaque.dropped*', row: 'opaque of another protocol', told: /^dropped .*place for this block/ },
    ...['text', 'refusal', 'reasoning', 'media', 'tool-call'].map((kind) => ({
      what: `${kind}.order`,
      row: 'media that come in pieces',
    })),
    { what: 'usage.input.cacheKind', row: 'usage.input.cacheKind implicit', when: ({ before }) => before === 'implicit' },
  ],
};

function wasUntold({ before }: Difference): boolean {
  return before === undefined;
}
