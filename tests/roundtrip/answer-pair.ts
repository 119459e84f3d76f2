import type { Answer } from '../../src/model/answer.ts';
import type { AnswerEvent } from '../../src/model/event.ts';
import { fold } from '../../src/model/fold.ts';
import type { Json } from '../../src/model/json.ts';
import type { GenerateRequest } from '../../src/model/request.ts';
import { unfold } from '../../src/model/stream.ts';
import type { Envelope, Protocol } from '../../src/protocols/codec.ts';
import { SseDecoder } from '../../src/protocols/sse/sse-decoder.ts';
import { answerDifferences } from './answer-differences.ts';
import { answerLosses } from './answer-losses.ts';
import { judge, type Verdict } from './explanation.ts';

const envelope: Envelope = {
  id: 'gen_1',
  requestId: 'req_1',
  createdAt: 1_770_000_000,
  model: 'm',
  provider: 'p',
  creditsPerUsd: 1n,
};
const request: GenerateRequest = {
  model: 'm',
  turns: [],
  tools: [],
  sampling: {},
  limits: {},
  thinking: { kind: 'unsaid' },
  form: { kind: 'unsaid' },
  delivery: { kind: 'stream', usage: true },
};

/** The answer of a host of one protocol, told to a caller in another and read there, held against what the host had said. */
export function answerVerdict(host: Protocol, caller: Protocol, answer: Answer, isStream: boolean): Verdict {
  const said = relayed(host, unfold(answer), isStream);
  const heard = relayed(caller, said, isStream);
  const arrived = fold(heard);
  return judge(answerDifferences(fold(said), arrived), arrived.notices, answerLosses[caller.name] ?? []);
}

/** Events as they are read from what was written of them. */
function relayed(protocol: Protocol, events: readonly AnswerEvent[], isStream: boolean): readonly AnswerEvent[] {
  const { server, client } = protocol;
  if (!isStream) {
    const body: Json = JSON.parse(JSON.stringify(server.writeAnswer(fold(events), envelope, request)));
    return client.readAnswer(body);
  }
  const writer = server.streamWriter(envelope, request);
  // What comes before the first part is one batch, as the exchange has it.
  const opening = events.findIndex(({ kind }) => kind === 'part-start' || kind === 'answer-end');
  const head = opening < 0 ? events : events.slice(0, opening + 1);
  const text =
    [head, ...events.slice(head.length).map((event) => [event])].map((batch) => writer.write(batch)).join('') + writer.end();
  const decoder = new SseDecoder();
  const reader = client.streamReader();
  const frames = [...decoder.decode(new TextEncoder().encode(text)), ...decoder.end()];
  return [...frames.flatMap((frame) => reader.read(frame)), ...reader.end()];
}
