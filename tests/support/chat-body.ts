import type { JsonObject } from '../../src/model/json.ts';
import type { TestServer } from './test-server.ts';

/** A short request that the embedded engine answers at once: thinking off, four tokens. */
export const shortChat: JsonObject = {
  model: 'qwen3.5-flash',
  messages: [{ role: 'user', content: 'Hello' }],
  max_tokens: 4,
  enable_thinking: false,
};

/** Long enough to be caught in the middle: the tiny model writes some thousand tokens a second. */
export const longChat: JsonObject = { ...shortChat, max_tokens: 3_900, logit_bias: forbidden() };

/** Random weights like to end an answer; these are the tiny model's 26 special tokens. */
function forbidden(): JsonObject {
  return Object.fromEntries(Array.from({ length: 26 }, (_, special) => [String(2048 + special), -100]));
}

export interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export function postChat(server: TestServer, body: unknown, init: PostOptions = {}): Promise<Response> {
  return postText(server, JSON.stringify(body), init);
}

export function postText(server: TestServer, body: string | Uint8Array<ArrayBuffer>, init: PostOptions = {}): Promise<Response> {
  return fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    body,
    signal: AbortSignal.timeout(60_000),
    ...init,
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json', ...init.headers },
  });
}
