import { chargeLines } from '../../src/metering/charge-lines.ts';
import type { AnswerEvent, EventBatch } from '../../src/model/event.ts';
import type { Usage } from '../../src/model/usage.ts';
import type { MemoryDatabase } from '../../src/store/memory/memory-database.ts';
import { priceLists } from './world.ts';
import type { Plant } from './world.ts';

/** Mistakes of the field and of our own making, each as somebody might make it. */
export const plants: readonly { readonly mistake: string; readonly plant: Plant; readonly found: RegExp }[] = [
  {
    mistake: 'a settlement that forgets its guard and charges again when it is retried',
    plant: {
      store: (store, database) => ({
        ...store,
        settle: async (settlement) => chargeAgain(database, settlement.requestId, await store.settle(settlement)),
      }),
    },
    found: /I11: \d+ were debited/,
  },
  {
    mistake: 'a release after the settlement',
    plant: {
      store: (store, database) => ({
        ...store,
        settle: async (settlement) => {
          const answer = await store.settle(settlement);
          run(database, `UPDATE holds SET state = 'void', charged = NULL WHERE request_id = '${settlement.requestId}'`);
          return answer;
        },
      }),
    },
    found: /was told a cost that is not in the books/,
  },
  {
    mistake: 'an idempotency key that is not looked at',
    plant: { store: (store) => ({ ...store, hold: ({ idempotency: _, ...wish }) => store.hold(wish) }) },
    found: /job_\w+ was charged twice/,
  },
  {
    mistake: 'a start that releases the credits of dead processes and leaves their holds open',
    plant: {
      store: (store, database) => {
        run(database, `UPDATE holds SET state = 'open', ended_at = NULL WHERE state = 'expired'`);
        return store;
      },
    },
    found: /I2: pending is the sum of the open holds|CHECK constraint failed: pending/,
  },
  {
    mistake: 'a call that is billed although its host failed',
    plant: {
      ledger: (ledger) => ({
        ...ledger,
        void: async (hold, record) => {
          const [list] = priceLists;
          const usage = usageOf(1, 0);
          const { balance } = await ledger.settle(hold, { bill: chargeLines(usage, list), usage, outcome: 'failed', ...record });
          return balance;
        },
      }),
    },
    found: /was charged/,
  },
  {
    mistake: 'a hold that forgets the budget of the key',
    plant: { store: (store) => ({ ...store, hold: ({ budgetId: _, ...wish }) => store.hold(wish) }) },
    found: /took from customer, team only/,
  },
  {
    mistake: 'a cost that is told before it is on the disk',
    plant: {
      ledger: (ledger) => ({
        ...ledger,
        settle: async (hold, settlement) => {
          void ledger.settle(hold, settlement).catch(() => undefined);
          const { total } = settlement.bill;
          return { charged: total < hold.amount ? total : hold.amount, balance: { available: 0n, spent: 0n, pending: 0n } };
        },
      }),
    },
    found: /was told a cost that is not in the books/,
  },
  {
    mistake: 'a sweep that asks the clock and not the requests that run',
    plant: {
      ledger: (ledger, store, clock) => ({
        ...ledger,
        expireHolds: async () => store.expire(await store.overdue(clock.now()), clock.now()),
      }),
    },
    found: /alarm: late-settlement/,
  },
  {
    mistake: 'a usage that is added up and not replaced',
    plant: { provider: (provider) => ({ ...provider, run: (attempt, signal) => addingUp(provider.run(attempt, signal)) }) },
    found: /was charged for a usage that its host never told/,
  },
  {
    mistake: 'a settlement at the prices of its own day',
    plant: {
      ledger: (ledger) => ({
        ...ledger,
        settle: (hold, settlement) => ledger.settle(hold, { ...settlement, bill: chargeLines(settlement.usage, priceLists[1]) }),
      }),
    },
    found: /was settled at other prices than it was admitted under/,
  },
];

/** The books stay in balance, which is what makes it hard to see. */
function chargeAgain<Answer extends { readonly kind: string; readonly charged?: bigint }>(
  database: MemoryDatabase,
  requestId: string,
  answer: Answer,
): Answer {
  const { kind, charged } = answer;
  if (kind !== 'ended' || charged === undefined || charged === 0n) return answer;
  run(database, `UPDATE accounts SET credits = credits + ${charged}, debits = debits + ${charged} WHERE id = 'customer'`);
  run(
    database,
    `INSERT OR IGNORE INTO entries (account_id, kind, amount, ref, posted_at) VALUES
       ('customer', 'usage', -${charged}, '${requestId} again', 1), ('customer', 'adjust', ${charged}, '${requestId} again', 1)`,
  );
  return answer;
}

function run(database: MemoryDatabase, text: string): void {
  database.rows({ text, values: [] });
}

async function* addingUp(answer: AsyncIterable<EventBatch>): AsyncGenerator<EventBatch, void, undefined> {
  let [input, output] = [0, 0];
  for await (const batch of answer) {
    yield batch.map((event): AnswerEvent => {
      if (event.kind !== 'usage') return event;
      input += event.usage.input.total ?? 0;
      output += event.usage.output.total ?? 0;
      return { ...event, usage: usageOf(input, output) };
    });
  }
}

function usageOf(input: number, output: number): Usage {
  return { input: { total: input }, output: { total: output }, toolCalls: {} };
}
