import { expect } from 'vitest';
import type { Answer } from '../../model/answer.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { foldStream } from '../../model/stream.ts';
import { attemptOf, requestOf } from '../attempt.test-support.ts';
import { holdsNothing, type Abilities } from './abilities.ts';
import { guaranteed } from './guaranteed.ts';
import { hostOfTries, type HostOfTries, type Try } from './host-of-tries.test-support.ts';
import { createSchemaChecker } from './schema-checker.ts';

export const checker = createSchemaChecker();

/** The whole answer of a host in front of which the guarantee stands. */
export function ask(host: HostOfTries, more: Partial<GenerateRequest>, abilities: Abilities = holdsNothing): Promise<Answer> {
  let ids = 0;
  const provider = guaranteed(host.provider, abilities, { checker, newCallId: () => `call_new${ids++}` });
  return foldStream(provider.run(attemptOf(requestOf('How old?', more)), new AbortController().signal));
}

/** The answer of a host that does these things, and what it was asked. */
export async function askTries(
  tries: readonly Try[],
  more: Partial<GenerateRequest>,
  abilities?: Abilities,
): Promise<Answer & { readonly asked: readonly GenerateRequest[] }> {
  const host = hostOfTries(tries);
  const answer = await ask(host, more, abilities);
  expect(host.running()).toBe(0);
  return { ...answer, asked: host.asked };
}

/** The text of the last turn of a request. */
export function lastTurn(request: GenerateRequest | undefined): string {
  return (request?.turns.at(-1)?.parts ?? []).map((part) => (part.kind === 'text' ? part.text : '')).join('');
}
