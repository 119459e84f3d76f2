import { LlamaGrammarEvaluationState, type LlamaGrammar, type Token } from 'node-llama-cpp';
import { FlashmuxError } from '../../model/fault.ts';
import type { Notice } from '../../model/notice.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { OutputParser } from '../parse/output-parser.ts';
import { Sampler } from '../sampling/sampler.ts';
import { answerGrammar } from './answer-grammar.ts';
import { placeMarks, type PlacedMark } from './cache-marks.ts';
import { checkRequest } from './check-request.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { PromptPlan } from './prompt-plan.ts';
import { rawPrompt } from './raw-prompt.ts';
import { refuseHopelessPrompt } from './refuse-hopeless-prompt.ts';
import { biasedTokens, samplingOptions, seedOfAnswer, tokenBias, unsaidSampling } from './sampling-options.ts';
import type { SequenceSlot } from './sequence-slot.ts';
import { filteredSource, plainSource, ScoredSource, type TokenSource } from './token-source.ts';
import { unusedWishes } from './unused-wishes.ts';
import type { AnswerLimits } from './write-answer.ts';

/** A request that is sure to be answered: checked, rendered, measured, its grammar compiled. Nothing is evaluated yet. */
export interface PreparedRequest {
  readonly plan: PromptPlan<Token>;
  readonly notices: readonly Notice[];
  readonly marks: readonly PlacedMark[];
  readonly limits: AnswerLimits;
  readonly singleToolCall: boolean;
  readonly closeThought: readonly Token[];
  parser(answer: number): OutputParser;
  source(answer: number, slot: SequenceSlot, rest: readonly Token[], parser: OutputParser): TokenSource;
}

/** Candidates of our own sampler where the caller set no smaller number: the rest of a vocabulary has next to no weight. */
const scoredCandidates = 64;

export interface PrepareOptions {
  /** For a request that names none. */
  readonly seed: number;
  readonly newCallId: () => string;
  /** Tokens of the shortest beginning that a cache mark can stand for. */
  readonly leastMarkedTokens: number;
}

/** Throws FlashmuxError for whatever the caller would have to change. */
export async function prepareRequest(
  loaded: LoadedModel,
  request: GenerateRequest,
  { seed, newCallId, leastMarkedTokens }: PrepareOptions,
): Promise<PreparedRequest> {
  checkRequest(request);
  const { model, tokenText } = loaded;
  refuseHopelessPrompt(request, loaded.ready.contextTokens, (text) => model.tokenize(text).length);
  const biased = biasedTokens(request.sampling, tokenText);
  const grammar = await answerGrammar(loaded.llama, request);
  const { plan, startsInThought, notices } = planOf(loaded, request);
  const { marks, notices: ofMarks } = placeMarks(request, plan, leastMarkedTokens);
  const firstSeed = request.sampling.seed ?? seed;
  const top = request.logprobs?.wanted === true ? (request.logprobs.top ?? 0) : undefined;
  const parseTools = request.tools.length > 0 && request.toolChoice?.kind !== 'none';

  return {
    plan,
    notices: [
      ...notices,
      ...unusedWishes(request),
      ...ofMarks,
      ...(top !== undefined && grammar !== undefined ? [filteredNotice] : []),
    ],
    marks,
    limits: limitsOf(request, plan.tokens.length, loaded.ready.contextTokens),
    singleToolCall: request.parallelToolCalls === false,
    closeThought: model.tokenize('</think>\n\n', true),
    parser: (answer) =>
      new OutputParser({
        answer,
        startsInThought,
        isPlain: request.continues !== undefined,
        tools: request.tools,
        parseTools,
        stop: request.sampling.stop ?? [],
        newCallId,
      }),
    source: (answer, slot, rest, parser) => {
      const answerSeed = seedOfAnswer(firstSeed, answer);
      if (top !== undefined && grammar === undefined) {
        return new ScoredSource(slot.sequence, rest, tokenText, {
          sampler: new Sampler({ ...unsaidSampling, ...request.sampling }, answerSeed),
          candidates: Math.max(request.sampling.topK || scoredCandidates, top, 1),
          always: biased.map(([token]) => token),
          top,
        });
      }
      const written: Token[] = [];
      const options = {
        ...samplingOptions(request.sampling, answerSeed, tokenBias(model, biased), () => written),
        ...(grammar === undefined ? {} : { grammarEvaluationState: outsideThought(loaded, grammar, parser) }),
      };
      const drawing = { options, written };
      return top === undefined
        ? plainSource(slot.sequence, rest, drawing)
        : filteredSource(slot.sequence, rest, drawing, tokenText, top);
    },
  };
}

/** Tokens of the prompt of a request. Throws FlashmuxError for one that is far too long, or that cannot be answered at all. */
export function countInput(loaded: LoadedModel, request: GenerateRequest): number {
  checkRequest(request);
  refuseHopelessPrompt(request, loaded.ready.contextTokens, (text) => loaded.model.tokenize(text).length);
  return planOf(loaded, request).plan.tokens.length;
}

type RenderedPlan = Pick<PreparedRequest, 'plan' | 'notices'> & { readonly startsInThought: boolean };

function planOf(loaded: LoadedModel, request: GenerateRequest): RenderedPlan {
  if (request.continues !== undefined) {
    return { plan: loaded.planTokens(rawPrompt(loaded, request.continues)), startsInThought: false, notices: [] };
  }
  const { template } = loaded;
  const rendered = template.render(request, { thinking: wantsThinking(request, template.supports.thinking) });
  return { plan: loaded.plan(rendered.pieces), startsInThought: rendered.startsInThought, notices: rendered.notices };
}

const filteredNotice: Notice = {
  code: 'clamped',
  path: 'logprobs',
  message: 'With a JSON form or a required tool call, log probabilities are those after the sampling filters.',
};

function wantsThinking(request: GenerateRequest, supported: boolean): boolean {
  const { kind, budgetTokens, effort } = request.thinking;
  const refused = kind === 'off' || (kind === 'unsaid' && effort === 'none');
  return supported && !refused && budgetTokens !== 0;
}

/** A thought is free, whatever the answer has to look like. */
function outsideThought(
  loaded: LoadedModel,
  grammar: LlamaGrammar,
  parser: OutputParser,
): () => LlamaGrammarEvaluationState | undefined {
  const state = new LlamaGrammarEvaluationState({ model: loaded.model, grammar });
  return () => (parser.place === 'thought' ? undefined : state);
}

function limitsOf(request: GenerateRequest, promptTokens: number, contextTokens: number): AnswerLimits {
  if (promptTokens >= contextTokens) {
    throw new FlashmuxError(
      'context_length_exceeded',
      `The messages have ${promptTokens} tokens; this model has room for ${contextTokens}, the answer included. ` +
        `Send at most ${contextTokens - 1}.`,
      { param: 'messages' },
    );
  }
  const unlimited = Number.POSITIVE_INFINITY;
  return {
    answerTokens: request.limits.answerTokens ?? unlimited,
    completionTokens: request.limits.completionTokens ?? unlimited,
    thoughtTokens: request.thinking.budgetTokens ?? unlimited,
    cells: contextTokens - promptTokens,
  };
}
