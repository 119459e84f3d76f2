import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { getLlama, LlamaLogLevel, LlamaVocabularyType, type Llama, type LlamaModel, type Token } from 'node-llama-cpp';
import { PromptTemplate, type PromptPiece } from '../prompt/prompt-template.ts';
import type { ModelSettings, ReadyModel } from '../wire.ts';
import { ContextGate } from './context-gate.ts';
import { planPrompt, type PromptPlan } from './prompt-plan.ts';
import { SequenceSlot } from './sequence-slot.ts';
import { TokenText } from './token-text.ts';
import { wholeChunks } from './whole-chunks.ts';

/** The model with everything that stays the same from request to request. */
export interface LoadedModel {
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly template: PromptTemplate;
  readonly tokenText: TokenText;
  readonly slots: readonly SequenceSlot[];
  /** The answers that are being written and wait for nothing but the model. */
  readonly writers: Set<object>;
  /** What every evaluation passes. */
  readonly gate: ContextGate;
  readonly ready: ReadyModel;
  plan(pieces: readonly PromptPiece[]): PromptPlan<Token>;
  /** The plan of a prompt without a template. */
  planTokens(tokens: readonly Token[]): PromptPlan<Token>;
}

/** More saved states than this are of no use: a prompt asks for at most four, a conversation goes back one turn. */
const checkpointsPerSequence = 8;

/** What llama.cpp says at each vector, because the library leaves it to find that every token is wanted. */
const ofEveryVector = 'init: embeddings required';

/** Throws a plain Error whose message names the reason: it is shown to whoever runs the server. */
export async function loadModel(settings: ModelSettings, onProgress: (progress: number) => void): Promise<LoadedModel> {
  const { parallel, batchTokens } = settings;
  const llama = await getLlama({
    gpu: settings.gpu,
    // Nothing is compiled or fetched behind the operator's back.
    build: 'never',
    skipDownload: true,
    maxThreads: settings.threads ?? availableParallelism(),
    logLevel: LlamaLogLevel.warn,
    logger: (level, message) => {
      if (!message.startsWith(ofEveryVector)) process.stderr.write(`${level}: ${message.trimEnd()}\n`);
    },
  });
  const threads = settings.threads ?? Math.max(1, Math.min(llama.cpuMathCores, availableParallelism()) - 1);
  llama.maxThreads = threads;
  const model = await llama.loadModel({ modelPath: settings.modelPath, onLoadProgress: onProgress });
  const metadata = model.fileInfo.metadata;
  const templateSource = metadata.tokenizer.chat_template;
  if (templateSource === undefined) throw new Error(`${basename(settings.modelPath)} has no chat template: it is no chat model.`);
  const writers = new Set<object>();
  const context = await model.createContext({
    contextSize: Math.min(settings.contextTokens, model.trainContextSize ?? settings.contextTokens),
    sequences: parallel,
    threads,
    // Room for one whole piece of a prompt and the next token of every other answer.
    batchSize: batchTokens + parallel - 1,
    batching: { itemPrioritizationStrategy: wholeChunks(() => writers.size) },
  });
  const gate = new ContextGate();
  const slots = Array.from({ length: parallel }, () => {
    const checkpoints = { max: checkpointsPerSequence, interval: false, maxMemory: settings.checkpointBytes } as const;
    return new SequenceSlot(context.getSequence({ checkpoints, contextShift: { strategy: refuseShift } }), gate);
  });
  const template = new PromptTemplate(templateSource, {
    ...(model.tokens.bosString === null ? {} : { bosToken: model.tokens.bosString }),
    ...(model.tokens.eosString === null ? {} : { eosToken: model.tokens.eosString }),
  });
  return {
    llama,
    model,
    template,
    tokenText: new TokenText(model),
    slots,
    writers,
    gate,
    ready: {
      modelName: metadata.general.name ?? basename(settings.modelPath),
      // The library keeps the last cell of a sequence free.
      contextTokens: Math.min(...slots.map((slot) => slot.sequence.contextSize)) - 1,
      parallel,
      thinking: template.supports.thinking,
      tools: template.supports.tools,
    },
    plan: (pieces) => planPrompt(pieces, (piece, first) => tokenize(model, piece, first), batchTokens),
    planTokens: (tokens) => planPrompt([{ text: '', special: false, checkpoint: false }], () => tokens, batchTokens),
  };
}

function tokenize(model: LlamaModel, piece: PromptPiece, first: boolean): readonly Token[] {
  // A SentencePiece vocabulary puts a space before every text; inside a prompt only the very first text has one.
  const seam = !first && model.vocabularyType === LlamaVocabularyType.spm ? 'trimLeadingSpace' : undefined;
  const tokens = model.tokenize(piece.text, piece.special, seam);
  const start = model.tokens.bos;
  if (!first || start === null || !model.tokens.shouldPrependBosToken || tokens[0] === start) return tokens;
  return [start, ...tokens];
}

/** Prompts are measured and limits cut before anything is evaluated; a silent shift would answer another prompt than the caller's. */
function refuseShift(): never {
  throw new Error('a sequence ran over its context, although its limits were set to fit');
}
