import { createContext, Script } from 'node:vm';

const script = new Script('work()');
/** Made once: a context costs more than most of what is done in it. */
const context = createContext({});

/**
 * Runs a piece of work that a caller chose (a pattern, a schema), and stops it after so many milliseconds, wherever it is: V8 ends even a
 * regular expression that backtracks. Undefined where it was stopped. It may have left half of its own work behind, so nothing that it
 * wrote to may be used afterwards.
 */
export function withinTime<Value>(ms: number, work: () => Value): { readonly value: Value } | undefined {
  let done: { readonly value: Value } | undefined;
  Reflect.set(context, 'work', () => {
    done = { value: work() };
  });
  try {
    script.runInContext(context, { timeout: ms });
  } catch (error) {
    if (!isTimeout(error)) throw error;
    return undefined;
  } finally {
    Reflect.deleteProperty(context, 'work');
  }
  return done;
}

/** The error is one of the context's own kind: not an instance of our Error. */
function isTimeout(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
