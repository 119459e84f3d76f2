/** What is promised of money, as in requirements.ts. */
import { inFile, type Requirement, type TestReference } from './support/requirement.ts';

const histories = inFile('tests/ledger/histories.test.ts');
const rules = inFile('tests/ledger/rules.test.ts');
const ledger = inFile('tests/ledger/ledger.test.ts');
const kills = inFile('tests/ledger/kill.test.ts');
const told = inFile('tests/ledger/what-answers-tell.test.ts');
const simulation = inFile('tests/simulation/simulation.test.ts');
const bills = inFile('tests/bills/seeds.test.ts');
const wildUsage = inFile('tests/bills/wild-usage.test.ts');
const prices = inFile('tests/bills/operator-prices.test.ts');
const chargeLines = inFile('src/metering/charge-lines.test.ts');
const worstCase = inFile('src/metering/worst-case.test.ts');
const idempotency = inFile('src/exchange/idempotency.test.ts');
const repeated = inFile('tests/idempotency/idempotency.test.ts');
const postgres = inFile('src/store/postgres/open-postgres-store.test.ts');
const epochs = inFile('src/store/postgres/epoch-keeper.test.ts');
const replicas = inFile('src/store/postgres/lease-keeper.test.ts');

const anyHistory = histories('are right after any history');
const anyWorld = simulation('in no world is anything charged twice');

/** As reliability.md numbers them; each query of wrong-books.ts begins with its numbers, and each is damaged once to see it fire. */
const invariants: readonly Requirement[] = [
  row(
    'I1: credits less debits are the sum of the entries',
    anyHistory,
    histories('the books are really looked at', 'a debit without an entry'),
  ),
  row(
    'I2: what is set aside is the sum of the open holds',
    anyHistory,
    histories('the books are really looked at', 'a hold that appears from nowhere'),
  ),
  row('I3: no balance is below its floor', anyHistory, ledger('of 1,000 holds of $0.10')),
  row(
    'I4: each request is settled at most once, and what was acknowledged exactly once',
    anyHistory,
    anyWorld,
    kills('loses nothing that it acknowledged'),
    histories('the books are really looked at', 'a second charge'),
  ),
  row('I5: a cost is the price of its usage at the version of its admission', anyWorld, prices('is billed at the version')),
  row(
    'I6: no cost is above its hold',
    anyHistory,
    ledger('a bill above its hold'),
    worstCase('no bill of a usage within its bounds'),
  ),
  row('I7: all accounts and all transfers together come to nothing', anyHistory),
  row(
    'I8: entries are never changed, and numbered without gaps in a file',
    postgres('entries are append-only'),
    inFile('tests/backup/round-trip.test.ts')('entries are numbered on after a restore'),
    histories('the books are really looked at', 'a gap in the numbers'),
  ),
  row(
    'I9: the entries alone make the accounts again',
    anyHistory,
    histories('the books are really looked at', 'a credit without an entry'),
  ),
  row('I10: any order of the same requests gives the same sums', histories('whatever order requests go on in')),
  row('I11: what callers were told is what the ledger took', told('I11: the costs that callers were told'), anyWorld),
];

const promises: readonly Requirement[] = [
  row(
    'every store tells the same story as a plain model, after any history',
    anyHistory,
    histories('the histories meet every answer'),
  ),
  row(
    'a seeded simulator of the whole money line, which finds what is planted',
    anyWorld,
    simulation('a seed is a world'),
    simulation('a mistake that was planted is found'),
  ),
  row('every request ends in a way that the policy of settlement knows', anyWorld),
  row(
    'the bills of the seeds, to the nano-dollar',
    bills('AI/ML API, in credits'),
    bills('EmpirioLabs, with 1,000 tokens out'),
    bills('an explicit cache'),
    bills("Alibaba's example"),
  ),
  row(
    'the tier of the input prices the whole request',
    chargeLines('the tier prices the whole request'),
    chargeLines('the tier of the input'),
  ),
  row(
    'nonsense of a host is bounded by the hold, and alarmed',
    wildUsage('a usage that is huge'),
    wildUsage('a usage that is told again'),
    ledger('a host that counts nonsense'),
  ),
  row('accounts below each other are one guarded transaction', anyHistory, simulation('a mistake that was planted is found')),
  row(
    'an Idempotency-Key is one request: replay, conflict, mismatch',
    idempotency('the same key again gets the same answer'),
    idempotency('a key that runs still is refused'),
    idempotency('a key that stood for another request'),
    repeated('of 1,000 requests with one key at once'),
  ),
  row('a key is paid for once, also when its first attempt was given up for dead', rules('a key is paid for once')),
  row(
    'free tokens and granted credits expire, renew, and are never paid out',
    anyHistory,
    rules('what free tokens paid for'),
    rules('a hold that does not fit gives the free tokens back'),
  ),
  row(
    'whatever has a ref happens once',
    ledger('a top-up happens once for its ref'),
    rules('a ref gives one request back'),
    anyHistory,
  ),
  row('a budget begins anew with its period', rules('a budget that is changed after its period'), anyHistory),
  row(
    'holds of dead processes are released, and those of living ones never swept',
    ledger('holds of a process that died'),
    epochs('a process that gives no sign of life'),
    epochs('a process that beats is not buried'),
    rules('a settlement that is tried again while the store is away'),
    simulation('a mistake that was planted is found'),
  ),
  row('replicas decide locally and never oversell', replicas('of 1,000 holds of 10 cents'), anyHistory),
  row('a killed process loses nothing that it acknowledged', kills('loses nothing that it acknowledged')),
  row(
    'the same cost in the answer, the look-ups, the record and the ledger',
    told('a whole answer tells the cost'),
    told('a streamed answer tells in its head'),
    told('balance, use of the key and sums'),
  ),
];

/** Each was broken once, and found by the simulation. */
const found: readonly Requirement[] = [
  {
    what: 'the replay of an answer tells what was charged',
    source: 'issue 3',
    tests: [simulation('a replay tells what was charged')],
  },
  {
    what: 'an answer that ends in an error before its first word is insured',
    source: 'issue 3',
    tests: [simulation('an answer that ends in an error before its first word')],
  },
];

export const booksAndBills: readonly Requirement[] = [...invariants, ...promises, ...found];

function row(what: string, ...tests: readonly TestReference[]): Requirement {
  return { what, source: 'issue 3', tests };
}
