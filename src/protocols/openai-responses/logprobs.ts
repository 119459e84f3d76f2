import type { TokenLogprob } from '../../model/part.ts';

/** `bytes` is an array on this wire, empty where a token has none; the reader takes an empty one for none. */
export function writeLogprobs(logprobs: readonly TokenLogprob[]) {
  return logprobs.map(({ token, logprob, bytes, top }) => ({
    token,
    logprob,
    bytes: [...(bytes ?? [])],
    top_logprobs: top.map((one) => ({ token: one.token, logprob: one.logprob, bytes: [...(one.bytes ?? [])] })),
  }));
}
