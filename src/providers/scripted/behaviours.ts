import { FlashmuxError } from '../../model/fault.ts';
import type { TokenLogprob } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import {
  begin,
  close,
  end,
  fail,
  inputTokens,
  lastUserText,
  open,
  part,
  piece,
  reasoning,
  say,
  text,
  textDeltas,
  tokensOf,
  usage,
  usageOf,
  wait,
  type Script,
} from './script.ts';
import { toolCalls } from './tool-calls.ts';

export interface Behaviour {
  /** One line for lists and messages. */
  readonly about: string;
  readonly play: (request: GenerateRequest) => Script;
  /** Fails the first call of a conversation with this, and plays the next one. */
  readonly failsFirst?: () => FlashmuxError;
}

/** Longer than any deadline: only the signal ends it. */
const foreverMs = 2 ** 31 - 1;
const greeting = 'Hello from the script.';
const thought = 'First I think about it. ';

export const behaviours: Readonly<Record<string, Behaviour>> = {
  hello: { about: 'a short greeting with usage', play: (request) => answer(request, greeting) },
  echo: { about: 'repeats the last user text', play: (request) => answer(request, lastUserText(request)) },
  empty: { about: 'ends without a word', play: (request) => [begin(), end(), usage(request, 0)] },
  'slow-first-token': {
    about: 'two seconds of silence, then a greeting',
    play: (request) => [wait(2_000), ...answer(request, greeting)],
  },
  'slow-tokens': {
    about: 'a fifth of a second before each word',
    play: (request) => Array.from(answer(request, greeting)).flatMap((step) => [wait(200), step]),
  },
  stall: {
    about: 'begins and then says nothing more',
    play: () => [begin(), say(open(0, { kind: 'text' }), piece(0, { kind: 'text', text: 'Wait' })), wait(foreverMs)],
  },
  'cut-mid-part': {
    about: 'the connection breaks within a word',
    play: () => [begin(), say(open(0, { kind: 'text' }), piece(0, { kind: 'text', text: 'Hello fr' })), fail(broken())],
  },
  'cut-mid-tool-call': {
    about: 'the connection breaks within the arguments of a call',
    play: (request) => [begin(), ...toolCalls(request, { calls: 1, cut: true }), fail(broken())],
  },
  'error-mid-stream': {
    about: 'an error after the first words',
    play: () => [begin(), say(open(0, { kind: 'text' }), piece(0, { kind: 'text', text: 'Hello ' })), fail(overloaded())],
  },
  '429': { about: 'always refuses with 429', play: () => [fail(limited())] },
  '500': { about: 'always fails with 500', play: () => [fail(failed())] },
  '429-then-ok': {
    about: 'refuses each conversation once with 429, then answers',
    play: (request) => answer(request, greeting),
    failsFirst: limited,
  },
  '500-then-ok': {
    about: 'fails each conversation once with 500, then answers',
    play: (request) => answer(request, greeting),
    failsFirst: failed,
  },
  'no-usage': { about: 'never tells its usage', play: () => [begin(), ...text(0, greeting), end()] },
  'usage-twice': {
    about: 'tells the same usage twice',
    play: (request) => [...answer(request, greeting), usage(request, tokensOf(greeting).length)],
  },
  'usage-growing': { about: 'tells the usage so far after each word', play: growingUsage },
  thinking: {
    about: 'thinks, then answers',
    play: (request) => [begin(), ...reasoning(0, thought), ...text(1, greeting), end(), thinkingUsage(request)],
  },
  'thinking-after-text': {
    about: 'says something, thinks, and goes on',
    play: (request) => [
      begin(),
      ...text(0, 'Well. '),
      ...reasoning(1, thought),
      ...text(2, greeting),
      end(),
      usage(request, tokensOf(`Well. ${thought}${greeting}`).length, tokensOf(thought).length),
    ],
  },
  tools: {
    about: 'calls the first tool of the request; answers once it sees a result',
    play: (request) => toolAnswer(request, { calls: 1 }),
  },
  'parallel-tools': {
    about: 'two calls, their arguments interleaved; answers once it sees a result',
    play: (request) => toolAnswer(request, { calls: 2 }),
  },
  'bad-arguments': {
    about: 'a call whose arguments are no JSON',
    play: (request) => [begin(), ...toolCalls(request, { calls: 1, broken: true }), end('tool-calls'), usage(request, 3)],
  },
  refusal: {
    about: 'declines in the refusal field',
    play: (request) => [
      begin(),
      ...part(0, { kind: 'refusal' }, textDeltas('I cannot help with that.')),
      end(),
      usage(request, 5),
    ],
  },
  logprobs: { about: 'a greeting with token probabilities', play: logprobsAnswer },
  n: { about: 'as many answers as asked for, two where nothing is said; interleaved', play: manyAnswers },
  citations: { about: 'a text with two citations', play: citedAnswer },
  audio: { about: 'a second of silence as 24 kHz PCM, with a transcript', play: spokenAnswer },
};

/** `long-<words>`: the only name with a number in it. */
export const longName = /^long-(\d{1,6})$/;

export function longAnswer(words: number): Behaviour {
  return { about: `${words} words`, play: (request) => answer(request, 'word '.repeat(words)) };
}

/** Names and one-line descriptions of what a scripted model can do. */
export const scriptedBehaviours: readonly { readonly name: string; readonly about: string }[] = [
  ...Object.entries(behaviours).map(([name, { about }]) => ({ name, about })),
  { name: 'long-1000', about: 'as many words as the number says, up to 999999' },
];

function* answer(request: GenerateRequest, words: string): Script {
  yield begin();
  yield* text(0, words);
  yield end();
  yield usage(request, tokensOf(words).length);
}

function thinkingUsage(request: GenerateRequest): ReturnType<typeof usage> {
  return usage(request, tokensOf(thought).length + tokensOf(greeting).length, tokensOf(thought).length);
}

function* growingUsage(request: GenerateRequest): Script {
  yield begin();
  yield say(open(0, { kind: 'text' }));
  for (const [index, token] of tokensOf(greeting).entries()) {
    yield say(piece(0, { kind: 'text', text: token }), { kind: 'usage', usage: usageOf(request, index + 1) });
  }
  yield say(close(0));
  yield end();
}

function* toolAnswer(request: GenerateRequest, wish: { readonly calls: number }): Script {
  const results = request.turns.at(-1)?.parts.filter((each) => each.kind === 'tool-result') ?? [];
  if (results.length > 0) {
    const said = results.flatMap(({ parts }) => parts.map((each) => (each.kind === 'text' ? each.text : `(${each.kind})`)));
    yield* answer(request, `The tool said: ${said.join('; ')}`);
    return;
  }
  yield begin();
  yield* toolCalls(request, wish);
  yield end('tool-calls');
  yield usage(request, 3 * wish.calls);
}

function* logprobsAnswer(request: GenerateRequest): Script {
  const tokens = tokensOf(greeting);
  const top = request.logprobs?.top ?? 0;
  const deltas = tokens.map((token, index) => {
    const likely: TokenLogprob = {
      ...candidate(token, index),
      top: Array.from({ length: top }, (_, rank) => candidate(token, index + rank)),
    };
    return { kind: 'text', text: token, logprobs: [likely] } as const;
  });
  yield begin();
  yield* part(0, { kind: 'text' }, deltas);
  yield end();
  yield usage(request, tokens.length);
}

function candidate(token: string, rank: number): Omit<TokenLogprob, 'top'> {
  return { token, logprob: -(rank + 1) / 8, bytes: [...Buffer.from(token)] };
}

function* manyAnswers(request: GenerateRequest): Script {
  const numbers = Array.from({ length: request.answers ?? 2 }, (_, number) => number);
  const tokens = tokensOf(greeting);
  yield begin();
  yield say(...numbers.map((number) => open(0, { kind: 'text' }, number)));
  for (const token of tokens) yield say(...numbers.map((number) => piece(0, { kind: 'text', text: token }, number)));
  yield say(piece(0, { kind: 'text', text: ' This is the first.' }, 0));
  yield say(...numbers.map((number) => close(0, number)));
  for (const number of numbers) yield end('stop', number);
  yield usage(request, numbers.length * tokens.length + 4);
}

function* citedAnswer(request: GenerateRequest): Script {
  const words = 'Water boils at 100 degrees [1], less on mountains [2].';
  const cite = (mark: string, page: string): ReturnType<typeof piece> =>
    piece(0, {
      kind: 'citation',
      citation: {
        url: `https://example.com/${page}`,
        title: page,
        startIndex: words.indexOf(mark),
        endIndex: words.indexOf(mark) + mark.length,
      },
    });
  yield begin();
  yield say(open(0, { kind: 'text' }), ...textDeltas(words).map((delta) => piece(0, delta)));
  yield say(cite('[1]', 'boiling'), cite('[2]', 'mountains'), close(0));
  yield end();
  yield usage(request, tokensOf(words).length);
}

function* spokenAnswer(request: GenerateRequest): Script {
  const samplesPerSecond = 24_000;
  const pieces = 4;
  // 2 bytes a sample. Each piece is a multiple of 3 bytes, so that the base64 of the whole is the pieces put together.
  const base64 = Buffer.alloc((2 * samplesPerSecond) / pieces).toString('base64');
  yield begin();
  yield say(open(0, { kind: 'media', medium: 'audio', id: 'audio_scripted', format: 'pcm16' }));
  for (const token of ['This ', 'is ', 'silence', '.']) yield say(piece(0, { kind: 'media', base64, transcript: token }));
  yield say(close(0));
  yield end();
  const audio = pieces * 6;
  yield say({ kind: 'usage', usage: { input: { total: inputTokens(request) }, output: { total: audio, audio }, toolCalls: {} } });
}

function broken(): FlashmuxError {
  return new FlashmuxError('upstream_failed', 'The connection to the scripted host broke off.');
}

function overloaded(): FlashmuxError {
  return new FlashmuxError('overloaded', 'The scripted host is overloaded.', { upstream: { provider: 'scripted' } });
}

function limited(): FlashmuxError {
  return new FlashmuxError('rate_limited', 'The scripted host has had enough for now.', {
    retryAfterSeconds: 1,
    upstream: { status: 429, provider: 'scripted' },
  });
}

function failed(): FlashmuxError {
  return new FlashmuxError('upstream_failed', 'The scripted host failed.', { upstream: { status: 500, provider: 'scripted' } });
}
