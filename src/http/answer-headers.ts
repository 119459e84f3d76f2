import type { OutgoingHttpHeaders } from 'node:http';
import type { Answer } from '../model/answer.ts';
import type { Notice } from '../model/notice.ts';
import { headerText } from './header-text.ts';

/**
 * Who answered and what was done to the request, for clients whose protocol has no place for it. Takes the answer so far: on a
 * stream that is the fold of its first batch. `requestedModel` is the model that the caller named.
 */
export function answerHeaders(answer: Answer, requestedModel: string): OutgoingHttpHeaders {
  const { model, provider, notices } = answer;
  const isStandIn = notices.some((notice) => notice.code === 'stand-in');
  return {
    ...(model === undefined ? {} : { 'x-flashmux-model': headerText(model, maxNameLength) }),
    ...(provider === undefined ? {} : { 'x-flashmux-provider': headerText(provider, maxNameLength) }),
    ...(isStandIn ? { 'x-flashmux-stand-in-for': headerText(requestedModel, maxNameLength) } : {}),
    ...(notices.length === 0 ? {} : { 'x-flashmux-notices': noticeText(notices) }),
  };
}

const maxNameLength = 256;
const maxNoticesLength = 1024;

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
