/** What is promised of cache marks on the embedded engine, as in requirements.ts. */
import { inFile, type Requirement, type TestReference } from './support/requirement.ts';

const engine = inFile('src/engine/pinned-beginnings.test.ts');
const store = inFile('src/engine/child/pin-store.test.ts');
const keys = inFile('src/engine/child/beginning-keys.test.ts');
const marks = inFile('src/engine/child/cache-marks.test.ts');
const plan = inFile('src/engine/child/prompt-plan.test.ts');
const prompts = inFile('src/engine/prompt/part-ends.test.ts');
const bills = inFile('tests/bills/cache-marks.test.ts');

export const engineCache: readonly Requirement[] = [
  row(
    'a cache mark keeps the state after its part while other conversations come and go',
    engine('it is written once, outlives other conversations'),
    engine('a conversation that goes on reads the mark before'),
    engine('a part of a message is marked up to its last word'),
  ),
  row(
    'a mark changes neither the prompt nor the answer, whatever became of what it keeps',
    engine('it is written once, outlives other conversations'),
    engine('after its lifetime it is gone, and the answer is the same'),
    engine('what was kept is evaluated again and what is new is not kept'),
    prompts('a mark changes nothing of the prompt'),
    plan('a part inside of a text ends before its last word'),
    keys('equal keys mean equal beginnings'),
  ),
  row(
    'what is kept lives for its lifetime, anew with each use, in bounded memory, and ends with the process',
    store('a pin lives for its lifetime and no longer'),
    store('whatever comes: never more bytes than the budget'),
    engine('the memory stays below its budget'),
    engine('a new process of the engine knows none of them'),
  ),
  row(
    'at most four marks of a least length count, and one that cannot be kept is told',
    marks('of more than four marks the last four count'),
    marks('a beginning that is too short is told with its length'),
    engine('a state larger than the whole budget is not kept'),
    engine('five marks: the last four count'),
  ),
  row(
    'no scope reads what another has marked',
    engine('no scope reads what another has marked'),
    keys('no scope reads the keys'),
  ),
  row(
    'what is written and read is told apart from what the engine holds by itself, and billed at its own rates',
    engine('a mark on what a sequence still holds is told as written'),
    engine('what a sequence holds beyond a pin is read too'),
    bills('a marked beginning is billed as written, then as read'),
    bills('what the engine holds by itself is billed as an implicit read'),
  ),
];

function row(what: string, ...tests: readonly TestReference[]): Requirement {
  return { what, source: 'issue 5, explicit caching', tests };
}
