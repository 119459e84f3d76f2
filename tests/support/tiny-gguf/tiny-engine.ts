import { createLocalEngine, type LocalEngine, type LocalEngineOptions } from '../../../src/engine/local-engine.ts';
import type { GenerateRequest, Sampling } from '../../../src/model/request.ts';
import { systemClock } from '../../../src/telemetry/clock.ts';
import { newId, newSeed } from '../../../src/telemetry/ids.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { tinyModelPath, type TinyModelOptions } from './tiny-model-path.ts';

/** The real engine with a tiny model: one thread, 2,048 tokens, four sequences. Close it when done. */
export async function tinyEngine(
  model: TinyModelOptions = { architecture: 'qwen35moe' },
  options: Partial<LocalEngineOptions> = {},
): Promise<LocalEngine> {
  return createLocalEngine({
    modelPath: await tinyModelPath(model),
    contextTokens: 2048,
    threads: 1,
    log: silentLog,
    clock: systemClock,
    newCallId: () => newId('call'),
    newSeed,
    ...options,
  });
}

/** Random weights like to end an answer or open a thought; with this bias they write ordinary tokens only. */
export const ordinaryTokens: Readonly<Record<string, number>> = Object.fromEntries(
  Array.from({ length: 26 }, (_, special) => [String(2048 + special), -100]),
);

export const ordinarySampling: Sampling = { temperature: 1, topP: 1, topK: 40, logitBias: ordinaryTokens };

/** A request of one user message; thinking off, at most 32 tokens, whatever is not said otherwise. */
export function tinyRequest(text: string, more: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    model: 'tiny',
    turns: [{ role: 'user', parts: [{ kind: 'text', text }] }],
    tools: [],
    sampling: ordinarySampling,
    limits: { completionTokens: 32 },
    thinking: { kind: 'off' },
    form: { kind: 'unsaid' },
    delivery: { kind: 'stream' },
    ...more,
  };
}
