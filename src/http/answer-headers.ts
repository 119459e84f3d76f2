import type { OutgoingHttpHeaders } from 'node:http';
import type { Answer } from '../model/answer.ts';
import type { ToldAttempt } from '../model/event.ts';
import type { Notice } from '../model/notice.ts';
import { headerText } from './header-text.ts';

/**
 * Who answered and what was done to the request, for clients whose protocol has no place for it. Takes the answer so far: on a
 * stream that is the fold of its first batch. `requestedModel` is the model that the caller named.
 */
export function answerHeaders(answer: Answer, requestedModel: string): OutgoingHttpHeaders {
  const { model, provider, attempts, notices } = answer;
  const isStandIn = notices.some((notice) => notice.code === 'stand-in');
  return {
    ...(model === undefined ? {} : { 'x-flashmux-model': headerText(model, maxNameLength) }),
    ...(provider === undefined ? {} : { 'x-flashmux-provider': headerText(provider, maxNameLength) }),
    ...(attempts === undefined ? {} : { 'x-flashmux-attempts': attemptText(attempts) }),
    ...(isStandIn ? { 'x-flashmux-stand-in-for': headerText(requestedModel, maxNameLength) } : {}),
    ...(notices.length === 0 ? {} : { 'x-flashmux-notices': noticeText(notices) }),
  };
}

const maxNameLength = 256;
const maxNoticesLength = 1024;

/** `first=upstream_timeout, second`: every host that was tried, the one that answers last. */
function attemptText(attempts: readonly ToldAttempt[]): string {
  const words = attempts.map(({ provider, fault }) => (fault === undefined ? provider : `${provider}=${fault}`));
  return headerText(words.join(', '), maxNoticesLength);
}

/** `stand-in:model, dropped:messages[4].content[1], +3 more` */
function noticeText(notices: readonly Notice[]): string {
  let text = '';
  for (const [index, { code, path }] of notices.entries()) {
    const next = `${text === '' ? '' : ', '}${code}:${headerText(path, maxNameLength)}`;
    if (text.length + next.length > maxNoticesLength) return `${text}, +${notices.length - index} more`;
    text += next;
  }
  return text;
}
