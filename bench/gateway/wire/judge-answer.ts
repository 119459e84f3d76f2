import { z } from 'zod';
import type { Question } from '../load-messages.ts';
import { answerText } from './answer-text.ts';

const whole = z.object({ choices: z.tuple([z.object({ message: z.object({ content: z.string() }) })]) });
const chatFrame = z.object({ choices: z.array(z.object({ delta: z.object({ content: z.string().nullish() }) })) });
const messagesFrame = z.object({ type: z.string(), delta: z.object({ text: z.string().optional() }).optional() });

/** Says what is wrong with a complete body, read in full; undefined for the right one. */
export function judgeAnswer(question: Question, body: string): string | undefined {
  if (question.form === 'look-up') return body.startsWith('{') ? undefined : `no JSON object: ${body.slice(0, 80)}`;
  const expected = answerText(question.words);
  const said = question.isStreamed ? streamedText(question, body) : whole.parse(JSON.parse(body)).choices[0].message.content;
  if (said !== expected) return `said ${said.length} letters instead of ${expected.length}: ${said.slice(0, 80)}`;
  return undefined;
}

/** Each stream must have as many frames as one that was read in full. */
export function countFrames(body: Buffer): number {
  let frames = 0;
  for (let at = body.indexOf('\n\n'); at >= 0; at = body.indexOf('\n\n', at + 2)) frames++;
  return frames;
}

function streamedText({ form }: Question, body: string): string {
  const data = body.split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice('data: '.length)] : []));
  if (form === 'messages') {
    const events = data.map((text) => messagesFrame.parse(JSON.parse(text)));
    return events.at(-1)?.type === 'message_stop' ? events.map(({ delta }) => delta?.text ?? '').join('') : '';
  }
  if (data.at(-1) !== '[DONE]') return '';
  return data
    .slice(0, -1)
    .map((text) => chatFrame.parse(JSON.parse(text)).choices[0]?.delta.content ?? '')
    .join('');
}
