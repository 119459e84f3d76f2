/** What is promised of API keys, as in requirements.ts. */
import { inFile, type Requirement, type TestReference } from './support/requirement.ts';

const keys = inFile('tests/access/keys.test.ts');
const limits = inFile('tests/access/limits.test.ts');
const twoProcesses = inFile('tests/access/two-processes.test.ts');
const createdKeys = inFile('src/access/create-access.test.ts');
const rateLimits = inFile('src/http/rate-limits.test.ts');

export const keysAndLimits: readonly Requirement[] = [
  row(
    'two secrets while a key is rotated',
    keys('both secrets of a rotated key open'),
    createdKeys('a key has two secrets at most'),
  ),
  row(
    'a revocation is effective in all replicas within a second',
    createdKeys('a key revoked by another process'),
    twoProcesses('a revocation is seen within a second'),
  ),
  row('a key expires', keys('a key tells when it expires')),
  row('allowed models', keys('a key with a list of models')),
  row('allowed tools', limits('a key uses the server-side tools')),
  row(
    'allowed addresses, behind proxies too',
    limits('a key that is kept to addresses'),
    limits('a server without trusted proxies'),
    inFile('src/http/caller-address.test.ts')('what a caller sends ahead of its own address'),
  ),
  row('a budget with a reset period', limits('a key spends its budget and no more')),
  row(
    'requests per minute, with retry-after and the headers of the dialect',
    keys('a key over its requests a minute'),
    rateLimits('a key over its requests is refused'),
    rateLimits("a dialect that speaks Anthropic's words"),
  ),
  row(
    'tokens per minute',
    limits('what the host counted is what the key has used'),
    limits('tokens of a caller who left'),
    rateLimits('a key whose tokens of the last minute'),
    inFile('src/access/token-window.test.ts')('at any moment the window knows'),
  ),
  row('limits by the minute hold for all replicas together', twoProcesses('two servers on one database')),
  row('requests at the same time', keys('a key has as many requests at the same time')),
  row('ambiguous credentials are a 400', limits('credentials that two readers could read differently')),
];

function row(what: string, ...tests: readonly TestReference[]): Requirement {
  return { what, source: 'issue 3, keys and limits', tests };
}
