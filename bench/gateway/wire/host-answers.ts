import { answerText, smallFrames, wordAt } from './answer-text.ts';

// Bytes of a host that speaks chat completions, made once. Each frame is an HTTP chunk of its own, as the servers of this field send
// them: one write of theirs a token.

const created = 1_760_000_000;
const model = 'bench-model';

function usage(frames: number) {
  return { prompt_tokens: 128, completion_tokens: frames, total_tokens: 128 + frames };
}

function asChunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

function frame(fields: object): string {
  const data = JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created, model, ...fields });
  return asChunk(`data: ${data}\n\n`);
}

function wordFrame(position: number): string {
  const delta = position === 0 ? { role: 'assistant', content: wordAt(position) } : { content: wordAt(position) };
  return frame({ choices: [{ index: 0, delta, finish_reason: null }] });
}

/** The head of a stream, without a frame. */
export const streamHead = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n',
);

export const frames: (count: number) => readonly Buffer[] = once((count) => {
  return Array.from({ length: count }, (_, position) => Buffer.from(wordFrame(position)));
});

/** What comes after the last word: the reason, the usage, and the end of the stream. */
export const streamEnd: (count: number) => Buffer = once((count) => {
  const reason = frame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  const told = frame({ choices: [], usage: usage(count) });
  return Buffer.from(`${reason}${told}${asChunk('data: [DONE]\n\n')}0\r\n\r\n`);
});

export const smallStream = Buffer.concat([streamHead, ...frames(smallFrames), streamEnd(smallFrames)]);

export const smallWhole = ((): Buffer => {
  const message = { role: 'assistant', content: answerText(smallFrames) };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' }];
  const body = JSON.stringify({
    id: 'chatcmpl-bench',
    object: 'chat.completion',
    created,
    model,
    choices,
    usage: usage(smallFrames),
  });
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
})();

function once<Made>(make: (count: number) => Made): (count: number) => Made {
  const made = new Map<number, Made>();
  return (count) => {
    const known = made.get(count) ?? make(count);
    made.set(count, known);
    return known;
  };
}
