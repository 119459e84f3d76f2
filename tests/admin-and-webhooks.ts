import { inFile, type Requirement, type TestReference } from './support/requirement.ts';

const guards = inFile('tests/admin/guards.test.ts');
const accounts = inFile('tests/admin/accounts.test.ts');
const keys = inFile('tests/admin/keys.test.ts');
const prices = inFile('tests/admin/prices.test.ts');
const records = inFile('tests/admin/records.test.ts');
const examples = inFile('tests/admin/examples.test.ts');
const deliveries = inFile('src/webhooks/create-webhooks.test.ts');
const lowBalance = inFile('tests/webhooks/low-balance.test.ts');
const webhookSettings = inFile('tests/webhooks/settings.test.ts');
const accountCommands = inFile('tests/cli/accounts.test.ts');
const tail = inFile('tests/cli/logs-tail.test.ts');

/** What the operator is given: an API of its own, commands, and webhooks. */
export const adminAndWebhooks: readonly Requirement[] = [
  row(
    'the admin API has a listener of its own on the loopback address, and no web page can call it',
    guards('it listens on the loopback address only'),
    guards('a call under the name %j is refused'),
    guards('a page of the origin %s is refused'),
    guards('a write of the type %s is refused'),
  ),
  row(
    'an address that others can reach needs a token',
    guards('the address %s without a token is refused'),
    guards('it opens with the token'),
  ),
  row(
    'accounts, credits, grants and refunds through the admin API, each movement once',
    accounts('is made with all its terms'),
    accounts('a top-up happens once for its ref'),
    accounts('grants of dollars and of tokens are given'),
    accounts('a charge is given back in parts'),
    accounts('without a ref are refused'),
  ),
  row(
    'keys through the admin API',
    keys('a key is made with its limits'),
    keys('a rotated key opens with both'),
    keys('a revoked key opens nothing'),
  ),
  row(
    'a price file with a mistake is refused whole, with line and column, and the old one stays',
    prices('every mistake of the file'),
  ),
  row(
    'every list of the admin API is paged to its end',
    accounts('accounts are listed by id to their end'),
    accounts('grants are paged to their end'),
    keys('keys are listed to their end'),
    records('are paged to the oldest'),
    records('usage is grouped, paged as JSON'),
    prices('every model is listed'),
  ),
  row('the examples of the admin API work as they are written', examples('every example works')),
  row(
    'low-balance webhooks are signed, tried again, and told once for each time',
    lowBalance('it is told once, signed'),
    lowBalance('while it stays low nothing more is told'),
    lowBalance('is told again by the next one'),
    deliveries('what is refused is sent again'),
    deliveries('is not followed'),
  ),
  row(
    'a webhook without a secret, or with an empty one, refuses to start',
    webhookSettings('an address without a secret is refused'),
  ),
  row(
    'accounts, grants and corrections on the command line',
    accountCommands('a budget below a customer'),
    accountCommands('credits and tokens that expire'),
    accountCommands('a balance is corrected'),
  ),
  row('"logs tail" follows the requests', tail('each request as it ends, once')),
];

function row(what: string, ...tests: readonly TestReference[]): Requirement {
  return { what, source: 'issue 3', tests };
}
