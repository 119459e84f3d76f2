import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent } from 'undici';
import { z } from 'zod';

// The least that a proxy on Node can do which asks its host to stream, as flashmux does: it parses the body, parses every frame, and folds
// them or writes them anew. No key, no route, no hold, no bill, no record, no log, no fault. It shows what Node itself takes of the others.
// Arguments: its port, and the origin of the host.

const [port = '', origin = ''] = process.argv.slice(2);
const agent = new Agent({ connections: 1_000, headersTimeout: 0, bodyTimeout: 0 });

const asked = z.looseObject({ model: z.string(), stream: z.boolean().optional() });
const frame = z.looseObject({
  choices: z.array(z.looseObject({ delta: z.looseObject({ content: z.string().optional() }) })),
  usage: z.unknown(),
});
type Frame = z.infer<typeof frame>;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => forward(JSON.parse(Buffer.concat(pieces).toString()), response));
}

function forward(body: z.infer<typeof asked>, response: ServerResponse): void {
  const isStreamed = body.stream === true;
  const utf8 = new TextDecoder();
  const said: string[] = [];
  let waiting = '';
  let usage: unknown;
  const read = (bytes: Uint8Array): string => {
    const frames = (waiting + utf8.decode(bytes, { stream: true })).split('\n\n');
    waiting = frames.pop() ?? '';
    let text = '';
    for (const each of frames) {
      const data = each.slice('data: '.length);
      if (data === '[DONE]') text += 'data: [DONE]\n\n';
      else {
        const chunk: Frame = JSON.parse(data);
        const word = chunk.choices[0]?.delta.content;
        if (word !== undefined) said.push(word);
        usage = chunk.usage ?? usage;
        text += `data: ${JSON.stringify(chunk)}\n\n`;
      }
    }
    return text;
  };
  if (isStreamed) response.writeHead(200, { 'content-type': 'text/event-stream' });
  agent.dispatch(
    {
      origin,
      path: `/${body.model}/v1/chat/completions`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, stream: true, stream_options: { include_usage: true } }),
    },
    {
      onRequestStart: () => undefined,
      onResponseStart: () => undefined,
      onResponseData: (_controller, bytes) => {
        const text = read(bytes);
        if (isStreamed && text !== '') response.write(text);
      },
      onResponseEnd: () => {
        if (isStreamed) response.end();
        else end(response, said.join(''), usage);
      },
      onResponseError: () => void response.destroy(),
    },
  );
}

function end(response: ServerResponse, content: string, usage: unknown): void {
  const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
  const text = JSON.stringify({ id: 'chatcmpl-least', object: 'chat.completion', choices, usage });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
}

createServer(answer).listen(Number(port), '127.0.0.1');
