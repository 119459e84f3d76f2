/** A table of sums by hour and by day, and the records that they are the sums of. */
export interface SummedTable {
  readonly name: string;
  /** What the sums are kept apart by, beside account and time. Records have columns of the same names. */
  readonly kinds: readonly string[];
  /** Each sum by its name, with what one record adds to it. */
  readonly counts: Readonly<Record<string, string>>;
  /** The table of the records, and whatever has to be joined to it. */
  readonly records: string;
}

export const usageSums: SummedTable = {
  name: 'usage_sums',
  kinds: ['key_id', 'answering_model', 'provider', 'used_own_key'],
  counts: {
    requests: '1',
    charged: 'charged',
    input_tokens: 'COALESCE(input_tokens, 0)',
    cache_read_tokens: 'COALESCE(cache_read_tokens, 0)',
    output_tokens: 'COALESCE(output_tokens, 0)',
    reasoning_tokens: 'COALESCE(reasoning_tokens, 0)',
  },
  records: 'request_records',
};

export const toolSums: SummedTable = {
  name: 'tool_sums',
  kinds: ['tool'],
  counts: { requests: '1', calls: 'calls', billed: 'tool_lines.billed' },
  records: 'request_records JOIN tool_lines ON tool_lines.request_id = request_records.request_id',
};
