import { expect } from 'vitest';
import { z } from 'zod';
import { faults } from '../../src/model/fault.ts';
import { expectNoTrace, expectRequestIds, faultReply } from '../support/fault-reply.ts';

const count = z.int().min(0);
const usage = z.looseObject({ prompt_tokens: count, completion_tokens: count, total_tokens: count });
const choice = z.looseObject({ index: count, finish_reason: z.string() });
const whole = z.looseObject({
  id: z.string(),
  object: z.literal('chat.completion'),
  choices: z.array(choice.extend({ message: z.looseObject({ role: z.literal('assistant') }) })).min(1),
  usage,
});
const codes = new Set<string>(Object.values(faults).map(({ openaiCode }) => openaiCode));
const chunk = z.union([
  z.looseObject({ object: z.literal('chat.completion.chunk'), choices: z.array(z.looseObject({ index: count })) }),
  z.looseObject({ error: z.looseObject({ message: z.string().min(1), code: z.string().refine((code) => codes.has(code)) }) }),
]);

/** Refusals that the caller brought about. */
const callersFault = [400, 401, 404, 405, 408, 413, 415, 431];

/** Whatever was asked: an answer or a refusal, complete and well formed, and never a fault of the server. */
export async function checkReply(reply: Response, ownStatuses: readonly number[] = []): Promise<void> {
  expect([200, ...callersFault, ...ownStatuses], `status ${reply.status}`).toContain(reply.status);
  expectRequestIds(reply);
  if (reply.status !== 200) {
    const { code } = await faultReply(reply);
    expect(code).not.toBe('internal_error');
    return;
  }
  const text = await reply.text();
  expectNoTrace(text.length > 20_000 ? text.slice(0, 20_000) : text);
  if (reply.headers.get('content-type')?.startsWith('text/event-stream') === true) checkStream(text);
  else whole.parse(JSON.parse(text));
}

function checkStream(text: string): void {
  const frames = text.split('\n\n').filter((frame) => frame !== '' && !frame.startsWith(':'));
  const last = frames.at(-1) ?? 'nothing';
  // An error is the last word of a stream.
  expect(last).toMatch(/^data: (\[DONE\]$|\{"error":)/);
  for (const frame of last === 'data: [DONE]' ? frames.slice(0, -1) : frames) {
    expect(frame).toMatch(/^data: \{.*\}$/s);
    const said = chunk.parse(JSON.parse(frame.slice('data: '.length)));
    if ('error' in said) expect([frame === last, said.error]).not.toMatchObject([true, { code: 'internal_error' }]);
  }
}
