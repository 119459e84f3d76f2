import { expect } from 'vitest';
import { z } from 'zod';
import { faults } from '../../src/model/fault.ts';

const requestId = z.string().regex(/^req_[0-9a-z]+$/);

/** OpenAI's envelope, exactly: a field more would be something that leaked. */
const envelope = z.strictObject({
  error: z.strictObject({
    message: z.string().min(10),
    type: z.enum([...new Set(Object.values(faults).map(({ openaiType }) => openaiType))]),
    param: z.string().min(1).nullable(),
    code: z.enum(Object.values(faults).map(({ openaiCode }) => openaiCode)),
    request_id: requestId,
    upstream: z.unknown().optional(),
  }),
});

export interface FaultReply {
  readonly status: number;
  readonly type: string;
  readonly code: string;
  readonly param: string | null;
  readonly message: string;
}

/** A refusal as a caller may rely on it: envelope, ids, content type, and nothing of the program's inside. */
export async function faultReply(response: Response): Promise<FaultReply> {
  const text = await response.text();
  expectRequestIds(response);
  expect(response.headers.get('content-type')).toBe('application/json');
  const { error } = envelope.parse(JSON.parse(text));
  expect(error.request_id).toBe(response.headers.get('x-request-id'));
  expectNoTrace(text);
  const { type, code, param, message } = error;
  return { status: response.status, type, code, param, message };
}

export function expectRequestIds(response: Response): void {
  const id = requestId.parse(response.headers.get('x-request-id'));
  expect(response.headers.get('request-id')).toBe(id);
}

/** No frame of a stack and no path of the program. */
export function expectNoTrace(text: string): void {
  expect(text).not.toMatch(/\.ts:\d+|\.js:\d+|\bat \w+ \(|node_modules|\/src\/|TypeError|RangeError|undefined is not/);
}
