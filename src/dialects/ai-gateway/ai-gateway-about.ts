import { said, text, wordOf } from '../../model/json-schema.ts';
import { modelHeader, streamingHeader, versionHeader } from '../../protocols/ai-gateway/call-headers.ts';
import { aiGatewaySchemas } from '../../protocols/ai-gateway/schema.ts';
import type { Specification } from '../../protocols/ai-gateway/specification.ts';
import type { DialectAbout } from '../dialect-about.ts';

export function aiGatewayAbout(version: Specification): DialectAbout {
  return {
    title: 'AI SDK gateway',
    description:
      'The protocol between the AI SDK and its gateway, so that `streamText` with the name of a model works with this server. `ai` 6 speaks version 3, `ai` 7 version 4.',
    calls: {
      [`/v${version}/ai/language-model`]: {
        operationId: `callLanguageModelV${version}`,
        summary: `Run a language model for the AI SDK (specification ${version})`,
      },
    },
    headers: {
      [modelHeader]: said('Id of the model.', text),
      [streamingHeader]: said('Whether the answer comes as a stream.', wordOf('true', 'false')),
      [versionHeader]: said('The version of the path.', wordOf(String(version))),
    },
    neededHeaders: [modelHeader],
    schemas: aiGatewaySchemas(version),
    example: { prompt: [{ role: 'user', content: [{ type: 'text', text: 'Say hello.' }] }] },
    samples: [
      {
        client: `AI SDK (ai ${version === 3 ? 6 : 7})`,
        language: 'ts',
        code: `import { createGateway, streamText } from 'ai';

const gateway = createGateway({ baseURL: '{base}/v${version}/ai', apiKey: process.env.FLASHMUX_KEY });
const { textStream } = streamText({ model: gateway('alibaba/qwen3.5-flash'), prompt: 'Say hello.' });`,
      },
      {
        client: 'curl',
        language: 'sh',
        code: `curl {base}/v${version}/ai/language-model \\
  -H "Authorization: Bearer $FLASHMUX_KEY" \\
  -H "ai-language-model-id: alibaba/qwen3.5-flash" \\
  -H "ai-language-model-specification-version: ${version}" \\
  -H "Content-Type: application/json" \\
  -d '{"prompt": [{"role": "user", "content": [{"type": "text", "text": "Say hello."}]}]}'`,
      },
    ],
  };
}
