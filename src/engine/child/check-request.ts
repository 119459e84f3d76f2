import { FlashmuxError } from '../../model/fault.ts';
import type { GenerateRequest } from '../../model/request.ts';

/** Refuses what a text model cannot do, with the path of the field. Parts that are no text are refused where they are rendered. */
export function checkRequest(request: GenerateRequest): void {
  if (request.modalities?.includes('audio') === true) {
    throw new FlashmuxError('unsupported_value', 'This model answers in text only.', { param: 'modalities' });
  }
}
