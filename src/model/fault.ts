import type { Json } from './json.ts';

/**
 * Every way a request can fail that is not a bug. One row a fault; the numbers of all dialects stand in this table and nowhere
 * else. `retry` is advice to the caller and to the exchange: whether the same request may succeed later or elsewhere.
 */
export const faults = {
  invalid_json: row(400, 'invalid_request_error', 'invalid_json', 'invalid_request_error', 'no'),
  invalid_request: row(400, 'invalid_request_error', 'invalid_value', 'invalid_request_error', 'no'),
  unsupported_value: row(400, 'invalid_request_error', 'unsupported_value', 'invalid_request_error', 'no'),
  unsupported_media: row(400, 'invalid_request_error', 'unsupported_media', 'invalid_request_error', 'no'),
  invalid_schema: row(400, 'invalid_request_error', 'invalid_json_schema', 'invalid_request_error', 'no'),
  context_length_exceeded: row(400, 'invalid_request_error', 'context_length_exceeded', 'invalid_request_error', 'no'),
  // Clients that continue a response know by this code that they have to send the whole conversation again (OpenAI's guide, 2026-11).
  previous_response_not_found: row(400, 'invalid_request_error', 'previous_response_not_found', 'not_found_error', 'no'),
  connection_expired: row(400, 'invalid_request_error', 'websocket_connection_limit_reached', 'invalid_request_error', 'later'),
  missing_key: row(401, 'authentication_error', 'missing_api_key', 'authentication_error', 'no'),
  invalid_key: row(401, 'authentication_error', 'invalid_api_key', 'authentication_error', 'no'),
  insufficient_credits: row(402, 'insufficient_quota', 'insufficient_credits', 'billing_error', 'no', 406),
  forbidden: row(403, 'permission_error', 'permission_denied', 'permission_error', 'no'),
  unknown_route: row(404, 'invalid_request_error', 'unknown_url', 'not_found_error', 'no'),
  unknown_model: row(404, 'invalid_request_error', 'model_not_found', 'not_found_error', 'no'),
  not_found: row(404, 'invalid_request_error', 'not_found', 'not_found_error', 'no'),
  wrong_method: row(405, 'invalid_request_error', 'method_not_allowed', 'invalid_request_error', 'no'),
  request_timeout: row(408, 'invalid_request_error', 'request_timeout', 'timeout_error', 'later'),
  conflict: row(409, 'invalid_request_error', 'conflict', 'conflict_error', 'no'),
  still_running: row(409, 'invalid_request_error', 'idempotency_in_progress', 'conflict_error', 'later'),
  body_too_large: row(413, 'invalid_request_error', 'request_too_large', 'request_too_large', 'no'),
  unsupported_content_type: row(415, 'invalid_request_error', 'unsupported_content_type', 'invalid_request_error', 'no'),
  idempotency_mismatch: row(422, 'invalid_request_error', 'idempotency_key_reused', 'invalid_request_error', 'no'),
  headers_too_large: row(431, 'invalid_request_error', 'headers_too_large', 'request_too_large', 'no'),
  rate_limited: row(429, 'rate_limit_error', 'rate_limit_exceeded', 'rate_limit_error', 'later'),
  cancelled: row(499, 'invalid_request_error', 'client_closed_request', 'api_error', 'no'),
  internal: row(500, 'server_error', 'internal_error', 'api_error', 'later'),
  upstream_failed: row(502, 'server_error', 'upstream_failed', 'api_error', 'elsewhere', 500),
  // The host is well; this answer of it is not what was asked for.
  answer_unfit: row(502, 'server_error', 'answer_unfit', 'api_error', 'elsewhere', 500),
  upstream_refused: row(502, 'server_error', 'upstream_refused', 'api_error', 'elsewhere', 500),
  engine_crashed: row(502, 'server_error', 'engine_crashed', 'api_error', 'elsewhere', 500),
  overloaded: row(503, 'server_error', 'overloaded', 'overloaded_error', 'later'),
  shutting_down: row(503, 'server_error', 'shutting_down', 'overloaded_error', 'later'),
  model_not_ready: row(503, 'server_error', 'model_not_ready', 'overloaded_error', 'elsewhere'),
  no_host: row(503, 'server_error', 'no_host_available', 'overloaded_error', 'later'),
  upstream_timeout: row(504, 'server_error', 'upstream_timeout', 'timeout_error', 'elsewhere', 500),
} as const satisfies Record<string, FaultRow>;

export type FaultCode = keyof typeof faults;

export interface FaultRow {
  readonly status: number;
  readonly openaiType: string;
  /** A string, always: @ai-sdk/alibaba loses the message of an error whose code is a number. */
  readonly openaiCode: string;
  readonly anthropicType: string;
  /** Anthropic's own status where it differs: 529 for a server that is overloaded. */
  readonly anthropicStatus: number;
  /** Segmind's own status where it differs (seed 000: 406 for no credits, 500 for whatever went wrong while an answer was made). */
  readonly segmindStatus: number;
  /** no: the request itself must change. later: the same again after a while. elsewhere: another host may do it now. */
  readonly retry: 'no' | 'later' | 'elsewhere';
}

export interface FaultDetails {
  /** Path of the request field that was wrong, such as `messages[2].content[0].image_url.url`. */
  readonly param?: string;
  /** Whole seconds after which to try again. */
  readonly retryAfterSeconds?: number;
  /** The host's error as it came, for the caller's eyes. */
  readonly upstream?: { readonly status?: number; readonly provider?: string; readonly body?: Json };
  readonly cause?: unknown;
}

const marker = Symbol.for('flashmux.error');

/** The one class of expected failures. The message says what was wrong and what would be right; it never holds a secret or a prompt. */
export class FlashmuxError extends Error {
  readonly [marker] = true;
  readonly code: FaultCode;
  readonly param: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly upstream: FaultDetails['upstream'];

  constructor(code: FaultCode, message: string, details: FaultDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'FlashmuxError';
    this.code = code;
    this.param = details.param;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.upstream = details.upstream;
  }

  get row(): FaultRow {
    return faults[this.code];
  }

  static is(error: unknown): error is FlashmuxError {
    return typeof error === 'object' && error !== null && marker in error;
  }
}

/** Any thrown thing as a fault. What is no FlashmuxError is a bug: the caller learns only that, the log keeps the cause. */
export function asFault(error: unknown): FlashmuxError {
  if (FlashmuxError.is(error)) return error;
  return new FlashmuxError('internal', 'The server met an unexpected condition. The request id finds it in the log.', {
    cause: error,
  });
}

function row(
  status: number,
  openaiType: string,
  openaiCode: string,
  anthropicType: string,
  retry: FaultRow['retry'],
  segmindStatus = status,
): FaultRow {
  const anthropicStatus = anthropicType === 'overloaded_error' ? 529 : status;
  return { status, openaiType, openaiCode, anthropicType, anthropicStatus, segmindStatus, retry };
}
