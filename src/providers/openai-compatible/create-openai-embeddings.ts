import type { EmbeddingAnswer } from '../../model/embedding.ts';
import { FlashmuxError } from '../../model/fault.ts';
import { parseJson } from '../../model/json.ts';
import type { EmbeddingAttempt, EmbeddingProvider } from '../../model/ports.ts';
import { openaiChat } from '../../protocols/openai-chat/openai-chat.ts';
import { readEmbeddings, writeEmbeddingRequest } from '../../protocols/openai-embeddings/embedding-client.ts';
import { bearer } from '../http-host/host-protocol.ts';
import { HostSender, type HttpHostOptions } from '../http-host/host-sender.ts';
import { KeyTrial } from '../http-host/key-trial.ts';
import { readText } from '../http-host/read-text.ts';
import { attributed } from '../http-host/upstream-fault.ts';

export type OpenAiEmbeddingsOptions = Omit<HttpHostOptions, 'cancellable'>;

/** 2,048 vectors of 4,096 numbers, each some 12 characters long. */
const maxAnswerBytes = 128 * 1024 * 1024;

/** The vectors of a provider that speaks OpenAI's API. */
export function createOpenAiEmbeddings(options: OpenAiEmbeddingsOptions): EmbeddingProvider {
  const { name } = options;
  const host = new EmbeddingHost(options);
  return {
    name,
    async embed(attempt, signal) {
      try {
        return await host.embed(attempt, AbortSignal.any([signal, AbortSignal.timeout(attempt.deadlines.totalMs)]));
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

class EmbeddingHost {
  readonly #options: OpenAiEmbeddingsOptions;
  readonly #sender: HostSender;

  constructor(options: OpenAiEmbeddingsOptions) {
    this.#options = options;
    this.#sender = new HostSender(options, { streams: false, headers: {}, authorize: bearer, client: openaiChat.client });
  }

  async embed({ request, requestId, deadlines, ownKey }: EmbeddingAttempt, signal: AbortSignal): Promise<EmbeddingAnswer> {
    const message = { path: '/embeddings', body: JSON.stringify(writeEmbeddingRequest(request)), requestId, deadlines };
    const keys = new KeyTrial(this.#options.keys, ownKey);
    for (;;) {
      try {
        const answer = await this.#sender.send(message, keys, signal);
        const body = parseJson(await readText(answer.body, maxAnswerBytes));
        if (body !== undefined) return readEmbeddings(body, request.inputs.length);
        throw new FlashmuxError('upstream_failed', `Provider "${this.#options.name}" sent no JSON for vectors.`);
      } catch (error) {
        if (!keys.goOn(error)) throw error;
      }
    }
  }
}
