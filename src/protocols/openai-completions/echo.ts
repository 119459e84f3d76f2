import type { GenerateRequest } from '../../model/request.ts';

/** What stands before the answer of a choice: the text of its prompt, where the caller wants it repeated. */
export function echoOf(request: GenerateRequest | undefined, choice: number): string {
  const continues = request?.continues;
  if (continues?.echo !== true) return '';
  const answers = continues.keep ?? request?.answers ?? 1;
  const prompt = [continues.prompt, ...(continues.more ?? [])][Math.floor(choice / answers)];
  return prompt?.kind === 'text' ? prompt.text : '';
}
