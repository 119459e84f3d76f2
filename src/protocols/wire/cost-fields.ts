import type { Bill } from '../../model/event.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Meter, NanoUsd } from '../../model/money.ts';
import { usdNumber } from '../codec.ts';
import { wire } from './said.ts';

/** `cost` and `cost_details` are OpenRouter's names, `cost_usd` is EmpirioLabs' (seed 002). All are what the ledger posted. */
export function costFields(bill: Bill): JsonObject {
  const input = side(bill, 'input');
  const output = side(bill, 'output');
  const tools = side(bill, 'tools');
  return {
    cost: usdNumber(bill.total),
    cost_usd: usdNumber(bill.total),
    is_byok: false,
    cost_details: wire({
      upstream_inference_cost: usdNumber(input + output),
      upstream_inference_prompt_cost: usdNumber(input),
      upstream_inference_completions_cost: usdNumber(output),
      server_tool_cost: tools === 0n ? undefined : usdNumber(tools),
    }),
  };
}

function side(bill: Bill, wanted: Side): NanoUsd {
  return bill.lines.reduce((sum, line) => (sideOf(line.meter) === wanted ? sum + line.amount : sum), 0n);
}

type Side = 'input' | 'output' | 'tools';

function sideOf(meter: Meter): Side {
  switch (meter) {
    case 'input-text':
    case 'input-image':
    case 'input-audio':
    case 'input-video':
    case 'cache-read-explicit':
    case 'cache-read-implicit':
    case 'cache-write':
    case 'request':
      return 'input';
    case 'output-text':
    case 'output-audio':
    case 'reasoning':
      return 'output';
    default:
      return 'tools';
  }
}
