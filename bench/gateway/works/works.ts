import type { Question } from '../load-messages.ts';
import { smallFrames } from '../wire/answer-text.ts';

/** Gateways in the order of the tables. `direct` is none: the callers ask the host itself. `least` is what Node itself takes of a gateway. */
export const candidateNames = ['direct', 'nginx', 'least', 'flashmux', 'portkey'] as const;
export type CandidateName = (typeof candidateNames)[number];

/** Those that somebody would run. */
export const gatewayNames = ['direct', 'nginx', 'flashmux', 'portkey'] as const satisfies readonly CandidateName[];

export const workNames = ['small', 'stream', 'burst', 'paced', 'translated', 'body-100k', 'body-4m'] as const;
export type WorkName = (typeof workNames)[number];

/** One kind of work, asked for in a closed loop. */
export interface Work {
  readonly name: WorkName;
  readonly title: string;
  /** First word of the host's path (wire/scenario.ts), and the name of the model. */
  readonly scenario: string;
  readonly question: Omit<Question, 'model'>;
  /** What its CPU time is divided by: answers, or the host's frames. */
  readonly unit: 'answer' | 'chunk';
  readonly callers: number;
  readonly candidates: readonly CandidateName[];
  /** Work that flashmux does in the same rounds, because this one is compared with it. */
  readonly beside?: WorkName;
}

/** Frames of a stream at full speed. */
const flowFrames = 2_000;
const pacedFrames = 40;

const chat = { form: 'chat', isStreamed: false, promptBytes: 200, words: smallFrames } as const;
const flow = { ...chat, isStreamed: true, words: flowFrames } as const;

export const works: readonly Work[] = [
  {
    name: 'small',
    title: 'whole answer, small body',
    scenario: 'small',
    question: chat,
    unit: 'answer',
    callers: 32,
    candidates: candidateNames,
  },
  {
    name: 'stream',
    title: 'streamed answer at full speed, one frame a write',
    scenario: `each-${flowFrames}`,
    question: flow,
    unit: 'chunk',
    callers: 8,
    candidates: candidateNames,
  },
  {
    name: 'burst',
    title: 'streamed answer at full speed, 32 frames a write',
    scenario: `burst-${flowFrames}`,
    question: flow,
    unit: 'chunk',
    callers: 8,
    candidates: candidateNames,
  },
  {
    name: 'paced',
    title: '40 streams, a frame each 20 ms',
    scenario: `paced-${pacedFrames}-20`,
    question: { ...flow, words: pacedFrames },
    unit: 'chunk',
    callers: 40,
    candidates: candidateNames,
  },
  {
    name: 'translated',
    title: 'translated stream (Messages in, chat completions at the host)',
    scenario: `each-${flowFrames}`,
    question: { ...flow, form: 'messages' },
    unit: 'chunk',
    callers: 8,
    candidates: ['flashmux'],
    beside: 'stream',
  },
  {
    name: 'body-100k',
    title: 'whole answer, body of 100 KB',
    scenario: 'small',
    question: { ...chat, promptBytes: 100_000 },
    unit: 'answer',
    callers: 8,
    candidates: gatewayNames,
  },
  {
    name: 'body-4m',
    title: 'whole answer, body of 4 MB',
    scenario: 'small',
    question: { ...chat, promptBytes: 4_000_000 },
    unit: 'answer',
    callers: 2,
    candidates: gatewayNames,
  },
];

export function workNamed(name: WorkName): Work {
  const work = works.find((candidate) => candidate.name === name);
  if (work === undefined) throw new Error(`There is no work ${name}.`);
  return work;
}
