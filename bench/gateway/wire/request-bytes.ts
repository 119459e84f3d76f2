import type { Question, Target } from '../load-messages.ts';

/** Text as long prompts have it: prose with marks that JSON escapes, and some letters outside of ASCII in every fourth piece. */
const sentence =
  'She said "turn left at the lamp", so they did:\n\tno road, no sign, only the sound of water and a light that came and went. ';
const foreignSentence = 'Der Wärter öffnet die Tür — „wer ist da?“ — und sieht nur das Meer. ';

/** Above it the prompt is a conversation of several turns. */
const turnBytes = 8_192;

/** The whole request as it goes over the wire. */
export function requestBytes(target: Target, question: Question): Buffer {
  if (question.form === 'look-up') return Buffer.from(`GET ${target.path} HTTP/1.1\r\n${headerLines(target)}\r\n\r\n`);
  const body = JSON.stringify(bodyOf(question));
  const length = Buffer.byteLength(body);
  const head = `POST ${target.path} HTTP/1.1\r\n${headerLines(target)}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
  return Buffer.from(head + body);
}

function headerLines({ host, port, headers }: Target): string {
  return [`host: ${host}:${port}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].join('\r\n');
}

function bodyOf({ form, model, isStreamed, promptBytes }: Question): object {
  const messages = turns(promptBytes).map((text, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content: text }));
  const common = { model, max_tokens: 4_096, temperature: 0.7, messages, stream: isStreamed };
  return form === 'chat' && isStreamed ? { ...common, stream_options: { include_usage: true } } : common;
}

/** An odd number of texts of about that length together, so that the last turn is the caller's. */
function turns(promptBytes: number): readonly string[] {
  const count = Math.floor(promptBytes / turnBytes / 2) * 2 + 1;
  const bytesEach = Math.max(1, Math.round(promptBytes / count));
  return Array.from({ length: count }, (_, index) => {
    const text = index % 4 === 3 ? foreignSentence : sentence;
    return `${index}. ${text.repeat(Math.ceil(bytesEach / text.length)).slice(0, bytesEach)}`;
  });
}
