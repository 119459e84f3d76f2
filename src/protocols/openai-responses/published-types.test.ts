import type { Response, ResponseOutputItem, ResponseStreamEvent } from 'openai/resources/responses/responses';
import type { ResponseStreamEvent as ResponseStreamEvent6 } from 'openai-6/resources/responses/responses';
import { describe, expectTypeOf, test } from 'vitest';
import type { responseObject } from './response-object.ts';
import type { DeltaEvent, OutputItem, WireEvent } from './wire-types.ts';

/* Checked by the compiler: what the writers write is what the types of the published clients have. */

type Numbered<Event> = Event & { readonly sequence_number: number };

describe('the types of openai', () => {
  test('have every event that the writers write', () => {
    expectTypeOf<Numbered<WireEvent>>().toExtend<ResponseStreamEvent>();
    expectTypeOf<Numbered<DeltaEvent>>().toExtend<ResponseStreamEvent>();
    expectTypeOf<Numbered<WireEvent>>().toExtend<ResponseStreamEvent6>();
    expectTypeOf<Numbered<DeltaEvent>>().toExtend<ResponseStreamEvent6>();
  });

  test('have every item that the writers write', () => {
    expectTypeOf<OutputItem>().toExtend<ResponseOutputItem>();
  });

  test('have the response object, whose output may hold items of other makings', () => {
    expectTypeOf<Omit<ReturnType<typeof responseObject>, 'output'>>().toExtend<Omit<Response, 'output' | 'output_text'>>();
  });
});
