import type { Case } from './judge.ts';

/** Every way in which a request may end, as the policy of settlement names them. Each is checked against what really happened. */
const endStates = {
  'refused, nothing was held': ({ seen, hold, works }) =>
    hold === undefined &&
    works.length === 0 &&
    (seen.end.kind === 'fault' || seen.end.kind === 'left' || seen.end.kind === 'died'),
  'answered before': ({ seen, hold, works }) => hold === undefined && works.length === 0 && seen.replayed,
  'complete, charged, and the caller knows it': ({ seen, hold, record }) =>
    hold?.state === 'posted' && record?.outcome === 'complete' && seen.end.kind === 'complete',
  // With a key, whoever was cut off asks again and gets the whole answer.
  'complete and charged, and the caller was cut off before the last word': ({ seen, hold, record }) =>
    hold?.state === 'posted' &&
    record?.outcome === 'complete' &&
    (seen.end.kind === 'left' ||
      seen.end.kind === 'died' ||
      (seen.end.kind === 'fault' && seen.end.code === 'overloaded' && seen.begun)),
  'no host said a word: free': ({ seen, hold, record, works }) =>
    hold?.state === 'void' &&
    record?.outcome === 'failed' &&
    works.at(-1)?.said === '' &&
    (seen.end.kind === 'fault' || seen.end.kind === 'died' || seen.end.kind === 'left'),
  'the host ended in an error without a word: free, and the caller is told its end': ({ seen, hold, record, works }) =>
    hold?.state === 'void' &&
    record?.outcome === 'failed' &&
    works.at(-1)?.endedInError === true &&
    works.at(-1)?.said === '' &&
    seen.end.kind === 'complete',
  'the caller left before a word: free': ({ seen, hold, record, works }) =>
    hold?.state === 'void' &&
    record?.outcome === 'aborted' &&
    seen.end.kind !== 'complete' &&
    works.every(({ said, ended }) => said === '' || !ended),
  'the answer was empty and nobody waited for it: free': ({ seen, hold, record, works }) =>
    hold?.state === 'void' && record?.outcome === 'complete' && seen.end.kind !== 'complete' && works.at(-1)?.said === '',
  'the host broke off: what was said is charged': ({ seen, hold, record, works }) =>
    hold?.state === 'posted' && record?.outcome === 'failed' && seen.end.kind !== 'complete' && works.at(-1)?.said !== '',
  'the caller left: what was said is charged': ({ seen, hold, record, works }) =>
    hold?.state === 'posted' && record?.outcome === 'aborted' && seen.end.kind !== 'complete' && works.at(-1)?.said !== '',
  'its process died: forgiven': ({ seen, hold, record }) =>
    hold?.state === 'expired' &&
    record === undefined &&
    seen.process.isDead &&
    seen.end.kind !== 'complete' &&
    hold.epochId === seen.process.epochId,
  'its process died, and with it all that was known of it: forgiven': ({ seen, hold, record }) =>
    hold === undefined && record === undefined && seen.process.isDead && seen.process.leases && seen.end.kind !== 'complete',
  'its hold was placed and nobody heard of it: swept': ({ seen, hold, record, works }) =>
    hold?.state === 'expired' && record === undefined && works.length === 0 && !seen.begun && seen.end.kind !== 'complete',
  'another attempt took its place: free': ({ seen, hold, record }) =>
    hold?.state === 'void' && record === undefined && seen.key !== undefined && seen.end.kind !== 'complete',
} as const satisfies Record<string, (each: Case) => boolean>;

export type EndState = keyof typeof endStates;

export const allEndStates = Object.keys(endStates);

/** Undefined: a request ended in a way that it may not end in. */
export function endStateOf(each: Case): EndState | undefined {
  for (const [name, isSo] of Object.entries(endStates)) if (isSo(each) && isEndState(name)) return name;
  return undefined;
}

function isEndState(name: string): name is EndState {
  return Object.hasOwn(endStates, name);
}
