import type { GenerateRequest } from '../../model/request.ts';
import { close, open, piece, say, type Script } from './script.ts';

export interface ToolCallWish {
  readonly calls: number;
  /** Leaves the calls open, as a broken connection does. */
  readonly cut?: boolean;
  /** Arguments that are no JSON. */
  readonly broken?: boolean;
}

const places = ['Paris', 'Hangzhou'];

/** Calls of the request's tools in turn (of `get_weather` where it has none), their arguments in pieces that interleave. */
export function* toolCalls(request: GenerateRequest, { calls, cut = false, broken = false }: ToolCallWish): Script {
  const numbers = Array.from({ length: calls }, (_, number) => number);
  for (const number of numbers) {
    const name = request.tools[number % Math.max(request.tools.length, 1)]?.name ?? 'get_weather';
    yield say(open(number, { kind: 'tool-call', callId: `call_scripted_${number}`, name, ranBy: 'caller' }));
  }
  const complete = !cut && !broken;
  for (const beginning of ['{"place', '": "']) {
    yield say(...numbers.map((number) => piece(number, { kind: 'arguments', text: beginning })));
  }
  for (const number of numbers) {
    const place = places[number % places.length] ?? '';
    yield say(piece(number, { kind: 'arguments', text: complete ? `${place}"}` : place }));
  }
  if (!cut) yield say(...numbers.map((number) => close(number)));
}
