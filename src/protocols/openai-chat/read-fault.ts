import { FlashmuxError } from '../../model/fault.ts';
import type { FaultCode } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';

const maxMessageCharacters = 1000;
const maxBodyCharacters = 2000;

/**
 * An error of an upstream as a fault: OpenAI's nested form, DashScope's flat one, Anthropic's, or text that is none. A status below 400
 * (an error in the middle of a stream) leaves the kind to the code that the body names. What the host says about *our* credentials
 * is not shown to the caller: some hosts repeat half of the key.
 */
export function readFault(status: number, body: Json | string): FlashmuxError {
  const told = isJsonObject(body) ? tell(body) : undefined;
  const code = codeOf(status, told);
  const upstream = { ...(status >= 400 ? { status } : {}), body: shortened(body) };
  if (code === 'upstream_refused') {
    const kind = told?.words[0] ?? `status ${status}`;
    return new FlashmuxError(code, `The upstream refused this server's own credentials or account (${kind}).`, {
      upstream: status >= 400 ? { status } : {},
    });
  }
  const silent =
    status >= 400 ? `The upstream answered ${status} without saying what was wrong.` : 'The upstream reported an error.';
  const message = told?.message ?? silent;
  return new FlashmuxError(code, message.slice(0, maxMessageCharacters), {
    ...(told?.param === undefined ? {} : { param: told.param }),
    upstream,
  });
}

/** The error object of a body that is one, in any of the known forms; undefined for an ordinary body. */
export function errorIn(body: JsonObject): JsonObject | undefined {
  const nested = body['error'];
  if (isJsonObject(nested)) return nested;
  if (typeof nested === 'string' && nested !== '') return { ...body, message: nested };
  const isFlat = body['choices'] === undefined && typeof body['message'] === 'string' && isCode(body['code']);
  return isFlat || (body['type'] === 'error' && body['choices'] === undefined) || body['object'] === 'error' ? body : undefined;
}

interface Told {
  readonly message: string | undefined;
  readonly param: string | undefined;
  /** Code and type, the more exact one first. */
  readonly words: readonly string[];
  readonly number: number | undefined;
}

function tell(body: JsonObject): Told {
  const error = errorIn(body) ?? body;
  const { message, param, code, type } = error;
  const detail = body['detail'];
  return {
    message: typeof message === 'string' && message !== '' ? message : typeof detail === 'string' ? detail : undefined,
    param: typeof param === 'string' && param !== '' ? param : undefined,
    words: [code, type].filter(isWord),
    number: typeof code === 'number' ? code : typeof code === 'string' && /^[45]\d\d$/.test(code) ? Number(code) : undefined,
  };
}

function isWord(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '';
}

function isCode(value: Json | undefined): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

const tooLong =
  /context_length_exceeded|maximum context length|range of input length should be|exceeds? the (?:model's )?context/i;

function codeOf(status: number, told: Told | undefined): FaultCode {
  const words = told?.words.join(' ') ?? '';
  if (tooLong.test(words) || (status <= 400 && tooLong.test(told?.message ?? ''))) return 'context_length_exceeded';
  // DashScope answers 400 where the account is overdue (Model Studio documentation, 2026-09).
  if (/arrearage/i.test(words)) return 'upstream_refused';
  const known = status >= 400 ? status : told?.number;
  return known === undefined ? codeOfWords(words) : codeOfStatus(known);
}

function codeOfStatus(status: number): FaultCode {
  switch (status) {
    case 400:
    case 404:
    case 422:
      return 'invalid_request';
    case 401:
    case 402:
    case 403:
      return 'upstream_refused';
    case 413:
      return 'body_too_large';
    case 408:
    case 504:
      return 'upstream_timeout';
    case 429:
      return 'rate_limited';
    default:
      return 'upstream_failed';
  }
}

/** For errors inside a stream, whose status is 200. */
function codeOfWords(words: string): FaultCode {
  if (/rate.?limit|throttling|limit_(?:requests|burst_rate)|insufficient_quota|too_many/i.test(words)) return 'rate_limited';
  if (/api.?key|authentication|access.?denied|permission|billing|payment/i.test(words)) return 'upstream_refused';
  if (/timeout/i.test(words)) return 'upstream_timeout';
  if (/invalid|not_found|not_supported|datainspection|data_inspection|content_policy|unprocessable/i.test(words))
    return 'invalid_request';
  return 'upstream_failed';
}

function shortened(body: Json | string): Json {
  if (typeof body === 'string') return body.slice(0, maxBodyCharacters);
  const text = JSON.stringify(body);
  return text.length <= maxBodyCharacters ? body : text.slice(0, maxBodyCharacters);
}
