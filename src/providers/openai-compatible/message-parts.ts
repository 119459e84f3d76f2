import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import type { Draft } from '../http-host/draft.ts';

export function messagesOf({ body }: Draft): readonly Json[] {
  return isList(body['messages']) ? body['messages'] : [];
}

/** Changes each message that is an object, and keeps the list as it is where nothing was changed. */
export function changeMessages(draft: Draft, change: (message: JsonObject, path: string) => JsonObject): void {
  if (!isList(draft.body['messages'])) return;
  draft.body['messages'] = messagesOf(draft).map((message, index) =>
    isJsonObject(message) ? change(message, `messages[${index}]`) : message,
  );
}

/** Changes each part of each message whose content is a list. */
export function changeParts(draft: Draft, change: (part: JsonObject, path: string) => JsonObject): void {
  changeMessages(draft, (message, path) => {
    const { content } = message;
    if (!isList(content)) return message;
    return {
      ...message,
      content: content.map((part, index) => (isJsonObject(part) ? change(part, `${path}.content[${index}]`) : part)),
    };
  });
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
