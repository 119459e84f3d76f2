import type { GenerateRequest } from '../model/request.ts';
import type { Attempt, Deadlines } from '../model/ports.ts';

export function requestOf(text: string, more: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    model: 'm',
    turns: [{ role: 'user', parts: [{ kind: 'text', text }] }],
    tools: [],
    sampling: {},
    limits: {},
    thinking: { kind: 'unsaid' },
    form: { kind: 'unsaid' },
    delivery: { kind: 'whole', said: false },
    ...more,
  };
}

/** Deadlines far away unless the test is about them. */
export function attemptOf(request: GenerateRequest, deadlines: Partial<Deadlines> = {}): Attempt {
  return {
    request,
    provider: 'test-host',
    requestId: 'req_test',
    deadlines: { firstEventMs: 30_000, idleMs: 30_000, totalMs: 60_000, ...deadlines },
  };
}
