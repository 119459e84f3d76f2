import type { EmbeddingAnswer } from '../../model/embedding.ts';
import { FlashmuxError } from '../../model/fault.ts';
import { parseJson } from '../../model/json.ts';
import type { EmbeddingAttempt, EmbeddingProvider } from '../../model/ports.ts';
import { openaiChat } from '../../protocols/openai-chat/openai-chat.ts';
import { readEmbeddings, writeEmbeddingRequest } from '../../protocols/openai-embeddings/embedding-client.ts';
import { systemClock } from '../../telemetry/clock.ts';
import type { OpenAiCompatibleOptions } from './create-openai-compatible.ts';
import { readText } from './read-text.ts';
import { attributed, upstreamFault } from './upstream-fault.ts';

export type OpenAiEmbeddingsOptions = Pick<
  OpenAiCompatibleOptions,
  'name' | 'baseUrl' | 'apiKey' | 'headers' | 'outgoing' | 'clock'
>;

const maxErrorBytes = 64 * 1024;
/** 2,048 vectors of 4,096 numbers, each some 12 characters long. */
const maxAnswerBytes = 128 * 1024 * 1024;

/** The vectors of a provider that speaks OpenAI's API. */
export function createOpenAiEmbeddings(options: OpenAiEmbeddingsOptions): EmbeddingProvider {
  const { name } = options;
  return {
    name,
    async embed(attempt, signal) {
      try {
        return await embed(options, attempt, AbortSignal.any([signal, AbortSignal.timeout(attempt.deadlines.totalMs)]));
      } catch (error) {
        if (!FlashmuxError.is(error)) throw error;
        if (error.code !== 'cancelled') throw attributed(error, name);
        if (signal.aborted) throw error;
        const message = `Provider "${name}" sent no vectors within ${attempt.deadlines.totalMs / 1000} s.`;
        throw new FlashmuxError('upstream_timeout', message, { cause: error });
      }
    },
  };
}

async function embed(options: OpenAiEmbeddingsOptions, attempt: EmbeddingAttempt, signal: AbortSignal): Promise<EmbeddingAnswer> {
  const { name, baseUrl, apiKey, headers = {}, outgoing, clock = systemClock } = options;
  const own = Object.entries(headers).map(([header, value]) => [header.toLowerCase(), value] as const);
  const answer = await outgoing.send(
    {
      method: 'POST',
      url: `${baseUrl.replace(/\/+$/, '')}/embeddings`,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'user-agent': 'flashmux',
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        ...Object.fromEntries(own),
        'x-request-id': attempt.requestId,
      },
      body: JSON.stringify(writeEmbeddingRequest(attempt.request)),
      owner: 'operator',
      headTimeoutMs: attempt.deadlines.firstEventMs,
      idleTimeoutMs: attempt.deadlines.idleMs,
    },
    signal,
  );
  if (answer.status < 200 || answer.status >= 300) {
    const body = await readText(answer.body, maxErrorBytes, 'cut');
    const reply = { provider: name, status: answer.status, headers: answer.headers, body, now: clock.now() };
    throw upstreamFault({ ...reply, ...(apiKey === undefined ? {} : { apiKey }) }, (...args) =>
      openaiChat.client.readFault(...args),
    );
  }
  const body = parseJson(await readText(answer.body, maxAnswerBytes));
  if (body === undefined) throw new FlashmuxError('upstream_failed', `Provider "${name}" sent no JSON for vectors.`);
  return readEmbeddings(body, attempt.request.inputs.length);
}
