/** What is injected and what must hold. The number is that of the test file. */
export const faults: readonly { readonly number: number; readonly fault: string; readonly target: string }[] = [
  {
    number: 1,
    fault: 'SIGKILL of the server under load, 200 times',
    target: 'nothing lost, nothing charged twice or wrongly, nothing charged for what the host refused, no hold left open',
  },
  { number: 2, fault: 'power cut under load, 50 times', target: 'nothing acknowledged is lost' },
  {
    number: 3,
    fault: 'full disk while requests are settled',
    target: '503, nothing half-written, everything settled once there is space',
  },
  { number: 4, fault: 'the disk refuses an fsync (EIO)', target: 'the process ends and does not go on' },
  { number: 5, fault: 'PostgreSQL killed in the middle of settling, 30 times', target: 'nothing lost, nothing charged twice' },
  { number: 6, fault: 'connection to PostgreSQL lost between COMMIT and its reply, 500 times', target: 'exactly once' },
  { number: 7, fault: 'the wall clock jumps by an hour, forward and back', target: 'no hold of a running request ends' },
  {
    number: 8,
    fault: '1,000 calls of $0.10 at once against $5.00',
    target: 'exactly 50 pass, over one process and four, on SQLite, PostgreSQL and leases',
  },
  {
    number: 9,
    fault: '10,000 callers leave at a random byte',
    target: 'each request ends in a case of the rules, and the ledger has the sum of the costs',
  },
  {
    number: 10,
    fault: 'the database stalls for 30 s',
    target: 'bounded queue, 503 for the rest, nothing oversold, all settled after it',
  },
  { number: 11, fault: 'more servers on the SQLite file of a running one', target: 'refused, and all invariants hold' },
  { number: 12, fault: 'one idempotency key 1,000 times at once', target: 'one execution' },
  { number: 13, fault: 'SIGTERM while streams are in flight', target: 'ended or settled within 30 s, no hold left open' },
  { number: 14, fault: 'backup under load', target: 'the restored copy has right books and all that was acknowledged before' },
  { number: 15, fault: 'the price changes during 1,000 requests', target: 'each is settled at the price it was admitted under' },
];
