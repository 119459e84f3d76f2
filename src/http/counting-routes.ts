import type { Dialect } from '../dialects/dialect.ts';
import type { CountInput } from '../exchange/count-input.ts';
import { countingAbout } from './generate-about.ts';
import { readJsonBody } from './read-body.ts';
import { sendJson } from './reply.ts';
import type { KeyedRoute } from './route.ts';

/** The calls of the dialects that count the input of a request, and cost nothing. */
export function countingRoutes(dialects: readonly Dialect[], countInput: CountInput): readonly KeyedRoute[] {
  return dialects.flatMap((dialect): readonly KeyedRoute[] => {
    const { counting } = dialect;
    if (counting === undefined) return [];
    const about = countingAbout(dialect, counting.path);
    return [
      {
        method: 'POST',
        path: counting.path,
        key: 'required',
        dialect,
        ...(about === undefined ? {} : { about }),
        async answer({ incoming, parameters, caller }) {
          const body = await readJsonBody(incoming);
          const request = counting.readRequest({ body, parameters, headers: incoming.request.headers });
          incoming.record.model = request.model;
          const tokens = await countInput({ caller, request, signal: incoming.signal });
          await sendJson(incoming, 200, counting.writeCount(tokens));
        },
      },
    ];
  });
}
