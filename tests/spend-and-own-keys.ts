/** What is promised of spend by user, tag and provider, and of keys that callers bring along, as in requirements.ts. */
import { inFile, type Requirement, type TestReference } from './support/requirement.ts';

const records = inFile('tests/ledger/records.test.ts');
const histories = inFile('tests/ledger/histories.test.ts');
const parity = inFile('src/store/postgres/schema-parity.test.ts');
const migrations = inFile('src/store/sqlite/migrations.test.ts');
const query = inFile('src/http/spend-query.test.ts');
const lookUps = inFile('src/http/look-ups.test.ts');
const adminRecords = inFile('tests/admin/records.test.ts');
const gateway = inFile('tests/contract/gateway.test.ts');
const gatewayRequests = inFile('src/protocols/ai-gateway/request-laws.test.ts');
const gatewayWire = inFile('src/protocols/ai-gateway/wire-laws.test.ts');
const chat = inFile('src/protocols/openai-chat/read-request.test.ts');
const openrouter = inFile('src/dialects/openrouter/openrouter-dialect.test.ts');
const ownKeys = inFile('tests/contract/own-keys.test.ts');

const issue = 'issue 5';
const client = 'client of the gateway, 3.0.232 and 4.0.146';

export const spendAndOwnKeys: readonly Requirement[] = [
  row(
    'spend is summed by user, tag, provider, credential and hour, on every database alike',
    issue,
    records('usage is summed by user, tag, provider'),
    records('a sum may be of a part only'),
    histories('are right after any history'),
    parity('has the same columns'),
  ),
  row('records from before users and tags were kept stay readable', issue, migrations('keeps every row and every balance')),
  row('a record tells for whom and for what a call was', issue, records('is kept as it was said, in its order')),
  row(
    'the spend report answers every grouping and every filter of its client',
    client,
    query('is a filter of any grouping'),
    lookUps('a spend report answers'),
    gateway('spend by user, tag, provider and credential'),
  ),
  row(
    'usage by provider, user and tag, as JSON and CSV, for callers and operators',
    issue,
    lookUps('usage is told by'),
    adminRecords('past users of any name'),
  ),
  row(
    'is_byok tells whether the host was called with a key of the caller',
    client,
    lookUps('a generation has every field'),
    ownKeys('the record of a call says that an own key was used'),
  ),
  row(
    'providerOptions.gateway: user, tags, byok, providerTimeouts, disallowPromptTraining',
    client,
    gatewayRequests('who answers, and for whom'),
    gatewayWire('is the call itself'),
    gatewayWire('%s'),
  ),
  row(
    'the user of chat completions, and of OpenRouter, is who spend is told by',
    issue,
    chat('names whom the call is for'),
    openrouter('names whom the call is for'),
  ),
  row(
    'own keys are tried first, and the next one where a host refuses the first',
    issue,
    ownKeys('is made with the key of the caller'),
    ownKeys('goes on with the next key'),
  ),
  row(
    'an own key is in no log, no record and no message',
    issue,
    ownKeys('no key of a caller is in a line of the log'),
    gatewayWire('never tells what stood there'),
  ),
];

function row(what: string, source: string, ...tests: readonly TestReference[]): Requirement {
  return { what, source, tests };
}
