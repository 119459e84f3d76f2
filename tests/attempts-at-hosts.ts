/** What is promised of the tries that a call makes at hosts, as in requirements.ts. */
import { inFile, type Requirement, type TestReference } from './support/requirement.ts';

const matrix = inFile('tests/faulty-hosts/fault-matrix.test.ts');
const retries = inFile('tests/faulty-hosts/retries.test.ts');
const serve = inFile('src/exchange/serve.test.ts');
const tries = inFile('src/exchange/tries.test.ts');
const ownKeys = inFile('src/exchange/own-keys.test.ts');
const worstCase = inFile('src/exchange/worst-case.test.ts');

const issue = 'issue 5';

export const attemptsAtHosts: readonly Requirement[] = [
  row('each way in which a host fails has a defined outcome, bill and circuit', matrix('alone: what the caller gets')),
  row(
    'a fault before the first word is answered by another host',
    matrix('with another host'),
    serve('is not noticed, and not charged'),
  ),
  row(
    'a whole answer that breaks off goes on at another host, or costs nothing',
    serve('of an answer that is wanted whole'),
    serve('was seen by nobody'),
  ),
  row(
    'a host that may have been unlucky is tried again, after a pause and never before its retry-after',
    tries('when to come back'),
    retries('is asked again'),
  ),
  row('retries end with their budget', tries('none after the budget'), retries('nobody waits for a host')),
  row(
    'an answer tells every try that it took',
    serve('is not noticed, and not charged'),
    serve('says nothing of tries'),
    retries('told of both tries'),
  ),
  row('when every host fails the fault lists them', serve('the caller is told of each')),
  row(
    "a caller's own keys are tried first, cost nothing, and go no further than their host",
    ownKeys('with the keys of the caller first'),
    ownKeys('still has the keys'),
  ),
  row('the hold covers the dearest host that may answer', worstCase('the dearest counts')),
];

function row(what: string, ...tests: readonly TestReference[]): Requirement {
  return { what, source: issue, tests };
}
