import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { FlashmuxError } from '../../model/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Verdict } from './compiled-schemas.ts';

/** What goes to the thread and what comes back. */
export interface CheckQuestion {
  readonly id: number;
  readonly schema: string;
  readonly value: string | undefined;
}
export interface CheckAnswer {
  readonly id: number;
  readonly verdict: Verdict;
}

/** Checks values against the JSON Schemas of callers. */
export interface SchemaChecker {
  /** Throws `invalid_schema` where nothing can be checked against it. */
  accept(schema: JsonObject): Promise<void>;
  /** What is wrong with a JSON text under the schema, in sentences; undefined where it fits. Throws as `accept` does. */
  check(schema: JsonObject, value: string): Promise<string | undefined>;
}

export interface SchemaCheckerOptions {
  /** After so long without a question the thread ends; the next one starts another. */
  readonly idleMs?: number;
}

/** The bound keeps what one schema may cost to compile. OpenAI takes 120,000 characters of names and values (its guide, 2026). */
const maxSchemaCharacters = 128 * 1024;

/** Compiled schemas are kept up to 2 million characters of schema, which is about 100 MB of validators at the worst. */
const maxThreadMegabytes = 512;

/**
 * A checker in a thread of its own, started by the first question: schemas come from callers, and neither a large one nor a pattern that
 * backtracks may hold up the event loop.
 */
export function createSchemaChecker({ idleMs = 60_000 }: SchemaCheckerOptions = {}): SchemaChecker {
  const thread = new CheckingThread(idleMs);
  const verdict = async (schema: JsonObject, value: string | undefined): Promise<string | undefined> => {
    const text = JSON.stringify(schema);
    if (text.length > maxSchemaCharacters) {
      throw badSchema(`The schema has ${text.length} characters; it may have up to ${maxSchemaCharacters}.`);
    }
    const told = await thread.ask(text, value);
    switch (told.kind) {
      case 'fits':
        return undefined;
      case 'misfit':
        return told.complaint;
      case 'bad-schema':
        throw badSchema(told.complaint);
    }
  };
  return {
    async accept(schema) {
      await verdict(schema, undefined);
    },
    check: verdict,
  };
}

export const schemaPath = 'response_format.json_schema.schema';

function badSchema(message: string): FlashmuxError {
  return new FlashmuxError('invalid_schema', message, { param: schemaPath });
}

class CheckingThread {
  readonly #idleMs: number;
  readonly #waiting = new Map<number, PromiseWithResolvers<Verdict>>();
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #lastId = 0;

  constructor(idleMs: number) {
    this.#idleMs = idleMs;
  }

  async ask(schema: string, value: string | undefined): Promise<Verdict> {
    clearTimeout(this.#idle);
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<Verdict>();
    this.#waiting.set(id, answer);
    this.#worker ??= this.#start();
    this.#worker.postMessage({ id, schema, value } satisfies CheckQuestion);
    try {
      return await answer.promise;
    } finally {
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#idle = setTimeout(() => this.#end(), this.#idleMs).unref();
    }
  }

  #start(): Worker {
    // The sources run as .ts and the published build as .js; the compiler does not rewrite addresses of modules.
    const module = new URL(`./schema-worker${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(module, {
      name: 'flashmux-schemas',
      execArgv: ['--disable-warning=ExperimentalWarning'],
      resourceLimits: { maxOldGenerationSizeMb: maxThreadMegabytes },
    });
    worker.on('message', ({ id, verdict }: CheckAnswer) => this.#waiting.get(id)?.resolve(verdict));
    worker.on('error', (error) => this.#failed(worker, error));
    worker.on('exit', (code) => this.#failed(worker, new Error(`the thread ended with code ${code}`)));
    // After its listeners, which would hold the process again: a program that has said its last word must be able to end.
    worker.unref();
    return worker;
  }

  #failed(worker: Worker, cause: unknown): void {
    // A thread that ended while idle has nobody waiting for it, and may have been followed by another.
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const fault = new FlashmuxError('internal', 'The checker of schemas stopped.', { cause });
    for (const { reject } of this.#waiting.values()) reject(fault);
  }

  #end(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
  }
}
