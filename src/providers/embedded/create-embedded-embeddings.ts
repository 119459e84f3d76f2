import type { EmbeddingRequest } from '../../model/embedding.ts';
import { FlashmuxError } from '../../model/fault.ts';
import type { LocalEngine } from '../../engine/local-engine.ts';
import type { Notice } from '../../model/notice.ts';
import type { EmbeddingProvider } from '../../model/ports.ts';

/** Vectors of the local model. */
export function createEmbeddedEmbeddings({ engine }: { readonly engine: Pick<LocalEngine, 'embed'> }): EmbeddingProvider {
  return {
    name: 'embedded',
    async embed({ request, deadlines }, signal) {
      const { vectors, tokens } = await engine.embed(
        request.inputs,
        AbortSignal.any([signal, AbortSignal.timeout(deadlines.totalMs)]),
      );
      refuseOtherLength(request, vectors[0]?.length ?? 0);
      return { vectors, inputTokens: tokens, notices: unused(request) };
    },
  };
}

/** A vector that is cut short means something only to models that were trained for it. */
function refuseOtherLength({ dimensions }: EmbeddingRequest, own: number): void {
  if (dimensions === undefined || dimensions === own) return;
  const message = `The vectors of the local model have ${own} numbers, always; leave dimensions out.`;
  throw new FlashmuxError('unsupported_value', message, { param: 'dimensions' });
}

function unused({ carry }: EmbeddingRequest): readonly Notice[] {
  const message = 'The local engine does not know this field.';
  return Object.keys(carry?.fields ?? {}).map((path) => ({ code: 'ignored', path, message }));
}
