/** What the benchmark asks of the process that drives node-llama-cpp without flashmux. Same model, threads, batch and sampling. */
export interface BareSettings {
  readonly modelPath: string;
  readonly threads: number;
  readonly batchTokens: number;
  readonly contextTokens: number;
  readonly parallel: number;
}

export type BareRequest =
  | { readonly kind: 'load'; readonly settings: BareSettings }
  /** Every stream evaluates a prompt of so many tokens and generates so many. */
  | {
      readonly kind: 'run';
      readonly streams: number;
      readonly prompt: string;
      readonly promptTokens: number;
      readonly tokens: number;
      readonly seed: number;
    };

export type BareReply =
  /** `endTokens`: the tokens that would end an answer early; both sides forbid them. */
  | { readonly kind: 'loaded'; readonly endTokens: readonly number[] }
  | { readonly kind: 'done'; readonly streams: readonly StreamTimes[] };

/** Milliseconds from the start of the run. */
export interface StreamTimes {
  readonly firstTokenMs: number;
  readonly endMs: number;
  readonly tokens: number;
}

export const sampling = { temperature: 0.8, topP: 0.95, topK: 40, minP: 0 } as const;

export const forbiddenLogit = -100;

export function isBareRequest(value: unknown): value is BareRequest {
  return typeof value === 'object' && value !== null && 'kind' in value && (value.kind === 'load' || value.kind === 'run');
}

export function isBareReply(value: unknown): value is BareReply {
  return typeof value === 'object' && value !== null && 'kind' in value && (value.kind === 'loaded' || value.kind === 'done');
}
