import { getLlama } from 'node-llama-cpp';

/** llama.cpp's own grammar, to be asked whether a text is one of a grammar's. */
export interface GrammarEngine {
  /** Compiles a grammar. The answer says of a text whether it is one of the grammar's, whole. */
  acceptor(grammar: string): Promise<(text: string) => boolean>;
  dispose(): Promise<void>;
}

export async function startGrammarEngine(): Promise<GrammarEngine> {
  const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, maxThreads: 1 });
  return {
    async acceptor(grammar) {
      const compiled: object = await llama.createGrammar({ grammar });
      // The library has the question but does not publish it.
      if (!('_testText' in compiled) || typeof compiled._testText !== 'function') throw new Error('the library has no _testText');
      const test = compiled._testText.bind(compiled);
      return (text) => test(text) === true;
    },
    dispose: () => llama.dispose(),
  };
}
