import { FlashmuxError } from '../../model/fault.ts';
import type { Notice } from '../../model/notice.ts';
import type { GenerateRequest } from '../../model/request.ts';

/**
 * What a host of chats makes of a text that should be continued: it is asked as a message of the user, and told so. Throws
 * `unsupported_value` for what such a message cannot say.
 */
export function chatContinuation({ continues }: GenerateRequest): readonly Notice[] {
  if (continues === undefined) return [];
  if (continues.prompt.kind === 'tokens') throw unsayable('prompt', 'prompts of token ids; send the prompt as text');
  if (continues.suffix !== undefined) throw unsayable('suffix', 'a gap to be filled; leave suffix out');
  const message = 'The host of this model has no completions: it was asked the prompt as a message of the user.';
  return [{ code: 'moved', path: 'prompt', message }];
}

function unsayable(param: string, what: string): FlashmuxError {
  return new FlashmuxError('unsupported_value', `The host of this model only chats and takes no ${what}.`, { param });
}
