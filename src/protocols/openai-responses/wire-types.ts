/*
 * The shapes that the writers write: output items, and the events of a stream without their `sequence_number`. Kept by hand, because what
 * this program writes must not change with a development dependency; a test checks them against the types of openai 7. Interfaces would
 * not be JSON to the compiler, so they are type aliases, and their arrays are mutable only because the published ones are.
 */

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export type UrlCitation = {
  readonly type: 'url_citation';
  readonly url: string;
  readonly title: string;
  readonly start_index: number;
  readonly end_index: number;
};

type Token = { readonly token: string; readonly logprob: number; readonly bytes: number[] };
export type Logprob = Token & { readonly top_logprobs: Token[] };

export type OutputText = {
  readonly type: 'output_text';
  readonly text: string;
  readonly annotations: UrlCitation[];
  readonly logprobs: Logprob[];
};

export type Refusal = { readonly type: 'refusal'; readonly refusal: string };

export type ContentPart = OutputText | Refusal;

export type MessageItem = {
  readonly type: 'message';
  readonly id: string;
  readonly role: 'assistant';
  readonly status: ItemStatus;
  readonly content: ContentPart[];
};

export type SummaryText = { readonly type: 'summary_text'; readonly text: string };

export type ReasoningItem = {
  readonly type: 'reasoning';
  readonly id: string;
  readonly summary: SummaryText[];
  /** Absent: null would be told to be a seal by some clients. */
  readonly encrypted_content?: string;
};

export type FunctionCallItem = {
  readonly type: 'function_call';
  readonly id: string;
  readonly call_id: string;
  readonly name: string;
  readonly arguments: string;
  readonly status: ItemStatus;
};

/** Not `incomplete`, which the types of openai 6 do not have here. */
export type ServerToolStatus = 'in_progress' | 'completed' | 'failed';

export type WebSearchItem = {
  readonly type: 'web_search_call';
  readonly id: string;
  readonly status: ServerToolStatus;
  readonly action:
    | { readonly type: 'search'; readonly query: string; readonly queries: string[] }
    | { readonly type: 'open_page'; readonly url: string };
};

export type CodeInterpreterItem = {
  readonly type: 'code_interpreter_call';
  readonly id: string;
  readonly status: ServerToolStatus;
  readonly code: string;
  readonly container_id: string;
  readonly outputs: null;
};

export type McpItem = {
  readonly type: 'mcp_call';
  readonly id: string;
  readonly status: ServerToolStatus;
  readonly server_label: string;
  readonly name: string;
  readonly arguments: string;
  readonly output: string | null;
  readonly error: null;
  readonly approval_request_id: null;
};

export type ServerToolItem = WebSearchItem | CodeInterpreterItem | McpItem;
export type OutputItem = MessageItem | ReasoningItem | FunctionCallItem | ServerToolItem;

type InItem = { readonly item_id: string; readonly output_index: number };
type InContent = InItem & { readonly content_index: number };
type InSummary = InItem & { readonly summary_index: number };

export type WireEvent =
  | {
      readonly type: 'response.output_item.added' | 'response.output_item.done';
      readonly output_index: number;
      readonly item: OutputItem;
    }
  | ({ readonly type: 'response.content_part.added' | 'response.content_part.done'; readonly part: ContentPart } & InContent)
  | ({ readonly type: 'response.output_text.done'; readonly text: string; readonly logprobs: Logprob[] } & InContent)
  | ({
      readonly type: 'response.output_text.annotation.added';
      readonly annotation_index: number;
      readonly annotation: UrlCitation;
    } & InContent)
  | ({ readonly type: 'response.refusal.done'; readonly refusal: string } & InContent)
  | ({
      readonly type: 'response.reasoning_summary_part.added' | 'response.reasoning_summary_part.done';
      readonly part: SummaryText;
    } & InSummary)
  | ({ readonly type: 'response.reasoning_summary_text.done'; readonly text: string } & InSummary)
  /** The name is in the types of openai 6 and no longer in those of 7. */
  | ({ readonly type: 'response.function_call_arguments.done'; readonly name: string; readonly arguments: string } & InItem)
  | ({ readonly type: 'response.mcp_call_arguments.done'; readonly arguments: string } & InItem)
  | ({ readonly type: 'response.code_interpreter_call_code.done'; readonly code: string } & InItem)
  | ({
      readonly type:
        | 'response.web_search_call.in_progress'
        | 'response.web_search_call.searching'
        | 'response.web_search_call.completed'
        | 'response.code_interpreter_call.in_progress'
        | 'response.code_interpreter_call.interpreting'
        | 'response.code_interpreter_call.completed'
        | 'response.mcp_call.in_progress'
        | 'response.mcp_call.completed';
    } & InItem);

/** Events that come once for every token. */
export type DeltaEvent =
  | ({ readonly type: 'response.output_text.delta'; readonly delta: string; readonly logprobs: Logprob[] } & InContent)
  | ({ readonly type: 'response.refusal.delta'; readonly delta: string } & InContent)
  | ({ readonly type: 'response.reasoning_summary_text.delta'; readonly delta: string } & InSummary)
  | ({
      readonly type:
        | 'response.function_call_arguments.delta'
        | 'response.mcp_call_arguments.delta'
        | 'response.code_interpreter_call_code.delta';
      readonly delta: string;
    } & InItem);
