import { FlashmuxError } from '../model/fault.ts';
import type { Part } from '../model/part.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { Order } from './catalogue.ts';
import { createCatalogue } from './create-catalogue.ts';

const catalogue = createCatalogue();

/** A request that says nothing but hello. */
export function chatRequest(model: string, wishes: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    model,
    turns: [userTurn({ kind: 'text', text: 'Hello' })],
    tools: [],
    sampling: {},
    limits: {},
    thinking: { kind: 'unsaid' },
    form: { kind: 'unsaid' },
    delivery: { kind: 'whole', said: false },
    ...wishes,
  };
}

export function userTurn(...parts: readonly Part[]): GenerateRequest['turns'][number] {
  return { role: 'user', parts };
}

export function resolve(model: string, wishes: Partial<GenerateRequest> = {}): Order {
  return catalogue.resolve(chatRequest(model, wishes));
}

/** The refusal of a request, as far as a caller sees it. */
export function refusal(model: string, wishes: Partial<GenerateRequest> = {}): { code: string; param?: string; message: string } {
  try {
    resolve(model, wishes);
  } catch (error) {
    if (FlashmuxError.is(error)) {
      return { code: error.code, ...(error.param === undefined ? {} : { param: error.param }), message: error.message };
    }
    throw error;
  }
  throw new Error(`${model} took what it should refuse`);
}
