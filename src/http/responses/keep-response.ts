import type { JsonObject } from '../../model/json.ts';
import { asFault, type FlashmuxError } from '../../model/fault.ts';
import type { Notice } from '../../model/notice.ts';
import type { EndedAnswer } from '../generate-route.ts';
import type { PlannedResponse } from './plan-response.ts';
import type { ResponseDeps } from './response-deps.ts';

/** The object of a response that has ended, one way or the other. */
export function endedObject({ answers, request }: PlannedResponse, { answer, envelope, fault }: EndedAnswer): JsonObject {
  const object = answers.writeAnswer(answer, envelope, request);
  return fault === undefined ? object : { ...object, status: 'failed', incomplete_details: null, error: errorOf(fault) };
}

/** @ai-sdk/openai wants a type too. */
export function errorOf(fault: FlashmuxError): JsonObject {
  return { code: fault.row.openaiCode, type: fault.row.openaiType, message: fault.message };
}

/**
 * Keeps a response that was answered, before its last word leaves: whoever reads that word may go on from it at once. Where it cannot
 * be kept, the answer is still good and paid for, so that is a notice.
 */
export function keeper(
  plan: PlannedResponse,
  accountId: string,
  { sessions, log }: Pick<ResponseDeps, 'sessions' | 'log'>,
): (ended: EndedAnswer) => Promise<readonly Notice[]> {
  const { call, own, isKept, notices } = plan;
  const { previousResponseId: previousId, conversationId } = call.options;
  return async (ended) => {
    if (!isKept) return notices;
    try {
      await sessions.keep({
        accountId,
        own,
        object: endedObject(plan, ended),
        ...(previousId === undefined ? {} : { previousId }),
        ...(conversationId === undefined ? {} : { conversationId }),
      });
      return notices;
    } catch (error) {
      const fault = asFault(error);
      if (fault.code !== 'body_too_large') {
        log.warn({ requestId: ended.envelope.requestId, error }, 'a response could not be kept');
      }
      const message =
        fault.code === 'body_too_large' ? fault.message : 'The response could not be kept; go on by sending its items again.';
      return [...notices, { code: 'ignored', path: 'store', message }];
    }
  };
}
