import { parentPort } from 'node:worker_threads';
import { CompiledSchemas } from './compiled-schemas.ts';
import type { CheckAnswer, CheckQuestion } from './schema-checker.ts';

const schemas = new CompiledSchemas();

parentPort?.on('message', ({ id, schema, value }: CheckQuestion) => {
  parentPort?.postMessage({ id, verdict: schemas.verdict(schema, value) } satisfies CheckAnswer);
});
