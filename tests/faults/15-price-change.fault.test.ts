import { times } from './support/fault-run.ts';

// The suite of the bills, with as many requests in flight as the fault asks for.
process.env['FLASHMUX_FUZZ_RUNS'] = String(times({ full: 1_000, quick: 0 }));
await import('../bills/price-change.test.ts');
