import { isJsonObject, type Json, type JsonObject } from '../../src/model/json.ts';
import { scriptedBehaviours } from '../../src/providers/scripted/behaviours.ts';
import { startRecordingUpstream } from '../support/recording-upstream.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** The wire languages in which the first server asks the second one. */
export const languages = ['openai-compatible', 'anthropic-messages', 'openai-responses'] as const;
export type Language = (typeof languages)[number];

/**
 * A flashmux in front of another one, over sockets: the second has the scripted models, and `recorded`, whose host keeps what it was asked.
 * Whoever names a language asks the first server, which asks the second in it; whoever names none asks the second.
 */
export interface Chain {
  readonly front: TestServer;
  readonly back: TestServer;
  /** A whole chat completion. `model`: of the second server. */
  ask(language: Language | undefined, model: string, more?: JsonObject): Promise<ChainReply>;
  /** What the last host of all was asked. */
  recorded(language: Language | undefined, more: JsonObject): Promise<JsonObject>;
  stop(): Promise<void>;
}

export interface ChainReply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: JsonObject;
}

const withoutEngine = { engine: { enabled: false }, prices: { unpriced: 'free' } } as const;
const question = [{ role: 'user', content: 'Weather in Paris?' }];

export async function startChain(): Promise<Chain> {
  const recorder = await startRecordingUpstream();
  const recording = { name: 'recorder', base_url: recorder.baseUrl, quirks: 'flashmux', models: ['recorded'] };
  const back = await startTestServer({ settings: { ...withoutEngine, providers: [recording] } });
  const models = ['recorded', ...scriptedBehaviours.map(({ name }) => `scripted/${name}`)];
  const providers = languages.map((type) => ({
    name: type,
    type,
    base_url: `${back.url}/v1`,
    api_key: back.key,
    quirks: 'flashmux',
    models: Object.fromEntries(models.map((model) => [`${type}/${model}`, model])),
  }));
  const front = await startTestServer({ settings: { ...withoutEngine, scripted: { enabled: false }, providers } });

  async function ask(language: Language | undefined, model: string, more: JsonObject = {}): Promise<ChainReply> {
    const { url, key } = language === undefined ? back : front;
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: language === undefined ? model : `${language}/${model}`, messages: question, ...more }),
    });
    const body: Json = JSON.parse(await response.text());
    if (!isJsonObject(body)) throw new Error(`expected an object: ${JSON.stringify(body)}`);
    return { status: response.status, headers: response.headers, body };
  }

  return {
    front,
    back,
    ask,
    async recorded(language, more) {
      const { status, body } = await ask(language, 'recorded', more);
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
      return recorder.lastBody();
    },
    async stop() {
      await front.stop();
      await back.stop();
      await recorder.close();
    },
  };
}
