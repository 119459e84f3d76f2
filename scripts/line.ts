import type { FaultCode } from '../src/model/fault.ts';

/** The line of one request, step by step. docs/architecture.md prints this table; the check fails where a module is gone. */
export interface Step {
  readonly name: string;
  /** The file to open for this step, from src/. */
  readonly module: string;
  readonly turns: string;
  /** Faults of src/model/fault.ts that a refusal leaves as. */
  readonly refusals: readonly FaultCode[];
}

export const line: readonly Step[] = [
  {
    name: 'accept',
    module: 'http/http-server.ts',
    turns: 'socket to method, path, key, body',
    refusals: ['unknown_route', 'wrong_method', 'body_too_large', 'unsupported_content_type', 'invalid_json'],
  },
  {
    name: 'authenticate',
    module: 'access/create-access.ts',
    turns: 'key to Caller, before the body is parsed',
    refusals: ['missing_key', 'invalid_key', 'rate_limited'],
  },
  {
    name: 'read',
    module: 'protocols/openai-chat/openai-chat.ts',
    turns: 'body to GenerateRequest (+ carry)',
    refusals: ['invalid_request'],
  },
  {
    name: 'resolve',
    module: 'catalogue/create-catalogue.ts',
    turns: 'request to Order: model found, ranges checked, defaults filled in, prices fixed',
    refusals: ['unknown_model', 'invalid_request', 'unsupported_media', 'unsupported_value'],
  },
  { name: 'plan', module: 'routing/routing.ts', turns: 'Order to PlannedAttempt[]', refusals: ['no_host', 'model_not_ready'] },
  {
    name: 'admit',
    module: 'exchange/admission.ts',
    turns: 'a place among the running requests',
    refusals: ['rate_limited', 'overloaded'],
  },
  {
    name: 'hold',
    module: 'ledger/create-ledger.ts',
    turns: 'worst case of the order to Hold',
    refusals: ['insufficient_credits'],
  },
  {
    name: 'run',
    module: 'exchange/run-attempts.ts',
    turns: 'attempt to AnswerEvent batches; the next attempt only while nothing was forwarded',
    refusals: ['upstream_failed', 'upstream_refused', 'upstream_timeout', 'engine_crashed'],
  },
  { name: 'meter', module: 'metering/charge-lines.ts', turns: 'last usage and price list to ChargeLine[]', refusals: [] },
  {
    name: 'settle',
    module: 'exchange/settling.ts',
    turns: 'posts the charge, releases the rest; voids where nothing was produced',
    refusals: [],
  },
  {
    name: 'write',
    module: 'protocols/openai-chat/openai-chat.ts',
    turns: 'AnswerEvent batches to SSE, or their fold to JSON',
    refusals: [],
  },
];
