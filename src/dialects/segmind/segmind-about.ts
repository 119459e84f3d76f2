import { segmindSchemas } from '../../protocols/segmind/schema.ts';
import type { DialectAbout } from '../dialect-about.ts';

/** `owner`: what stands before the slash in the ids of models below the path; undefined for ids without one. */
export function segmindAbout(path: string, owner: string | undefined): DialectAbout {
  return {
    title: 'Segmind',
    description: 'The API of Segmind: a path for each model, the key in `x-api-key`, and 406 where credits are missing.',
    calls: {
      [path]: {
        operationId: owner === undefined ? 'runSegmindModel' : `runSegmindModelOf_${owner.replaceAll(/\W/g, '_')}`,
        summary: owner === undefined ? 'Ask the model of the path' : `Ask a model whose id begins with ${owner}/`,
        parameters: { model: 'Id of a model, without what stands before its slash. `GET /v1/models` lists them.' },
      },
    },
    schemas: segmindSchemas,
    example: { messages: [{ role: 'user', content: 'Say hello.' }] },
    samples: owner === undefined ? samples : [],
  };
}

const samples: DialectAbout['samples'] = [
  {
    client: 'curl',
    language: 'sh',
    code: `curl {base}/v1/qwen3.5-flash \\
  -H "x-api-key: $FLASHMUX_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"messages": [{"role": "user", "content": "Say hello."}]}'`,
  },
  {
    client: 'Python',
    language: 'py',
    code: `import os
import requests

answer = requests.post(
    "{base}/v1/qwen3.5-flash",
    headers={"x-api-key": os.environ["FLASHMUX_KEY"]},
    json={"messages": [{"role": "user", "content": "Say hello."}]},
)`,
  },
];
