import { getLlama, type LlamaContextSequence, type LlamaModel, type Token } from 'node-llama-cpp';
import { tokenBias } from '../../src/engine/child/sampling-options.ts';
import {
  forbiddenLogit,
  isBareRequest,
  sampling,
  type BareReply,
  type BareRequest,
  type BareSettings,
  type StreamTimes,
} from './bare-messages.ts';

/** The yardstick: the shortest program that generates with node-llama-cpp's own sequence API. */

let model: LlamaModel | undefined;
let sequences: LlamaContextSequence[] = [];
let endTokens: Token[] = [];

process.on('disconnect', () => process.exit(0));
process.on('message', (message) => {
  if (isBareRequest(message)) void answer(message).then((reply) => process.send?.(reply));
});

async function answer(request: BareRequest): Promise<BareReply> {
  switch (request.kind) {
    case 'load':
      await load(request.settings);
      return { kind: 'loaded', endTokens };
    case 'run': {
      const streams = Array.from({ length: request.streams }, (_, stream) =>
        generate(sequences[stream], request, request.seed + stream),
      );
      return { kind: 'done', streams: await Promise.all(streams) };
    }
  }
}

async function load(settings: BareSettings): Promise<void> {
  const { modelPath, threads, batchTokens, contextTokens, parallel } = settings;
  const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, maxThreads: threads });
  const loaded = await llama.loadModel({ modelPath });
  const context = await loaded.createContext({
    contextSize: Math.min(contextTokens, loaded.trainContextSize ?? contextTokens),
    sequences: parallel,
    threads,
    batchSize: batchTokens,
  });
  sequences = Array.from({ length: parallel }, () => context.getSequence());
  model = loaded;
  endTokens = [...loaded.iterateAllTokens()].filter((token) => loaded.isEogToken(token));
}

async function generate(
  sequence: LlamaContextSequence | undefined,
  request: Extract<BareRequest, { kind: 'run' }>,
  seed: number,
): Promise<StreamTimes> {
  if (model === undefined || sequence === undefined) throw new Error('load comes first');
  const bias = tokenBias(
    model,
    endTokens.map((token) => [token, forbiddenLogit] as const),
  );
  const words = model.tokenize(request.prompt);
  const prompt = Array.from({ length: request.promptTokens }, (_, index) => words[index % words.length]).filter(
    (token) => token !== undefined,
  );
  const from = performance.now();
  await sequence.clearHistory();
  let firstTokenMs: number | undefined;
  let count = 0;
  for await (const _ of sequence.evaluate(prompt, { ...sampling, seed, ...(bias === undefined ? {} : { tokenBias: bias }) })) {
    firstTokenMs ??= performance.now() - from;
    if (++count === request.tokens) break;
  }
  const endMs = performance.now() - from;
  return { firstTokenMs: firstTokenMs ?? endMs, endMs, tokens: count };
}
