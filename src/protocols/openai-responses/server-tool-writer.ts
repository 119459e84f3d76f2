import type { PartDelta } from '../../model/event.ts';
import { isJsonObject, parseJson } from '../../model/json.ts';
import type { CallOpening } from './call-writer.ts';
import type { ItemFrame, ItemWriter } from './item-frame.ts';
import type { PartWriter } from './part-writer.ts';
import { serverToolOf } from './server-tool-types.ts';
import type { ServerToolItem, ServerToolStatus } from './wire-types.ts';

/**
 * A call that a server ran, as the item that the published clients know for it: they refuse a whole answer with an item of an unknown
 * type, so Alibaba's own types are not written (measured with @ai-sdk/openai 3 and 4, 2026-11). A page that was read is a `web_search_call`
 * that opened it, and any other tool is an `mcp_call`. Arguments are told at the end, once they can be read.
 */
export class ServerToolWriter implements ItemWriter, PartWriter {
  readonly frame: ItemFrame;
  readonly #name: string;
  readonly #pieces: string[] = [];
  openParts = 1;

  constructor(frame: ItemFrame, { name }: CallOpening) {
    this.frame = frame;
    this.#name = name;
    frame.add(serverToolItem(frame.id, name, '', 'in_progress'));
  }

  get item(): ItemWriter {
    return this;
  }

  delta(delta: PartDelta): void {
    if (delta.kind === 'arguments') this.#pieces.push(delta.text);
  }

  end(): void {
    this.openParts = 0;
  }

  /** A call that never ended has failed, as far as anyone knows. */
  finish(status: 'completed' | 'incomplete'): void {
    const isDone = status === 'completed';
    const item = serverToolItem(this.frame.id, this.#name, this.#pieces.join(''), isDone ? 'completed' : 'failed');
    if (isDone) this.#tell(item);
    this.frame.finish(item);
  }

  #tell(item: ServerToolItem): void {
    const { sink, place } = this.frame;
    switch (item.type) {
      case 'web_search_call':
        sink.emit({ type: 'response.web_search_call.in_progress', ...place });
        sink.emit({ type: 'response.web_search_call.searching', ...place });
        sink.emit({ type: 'response.web_search_call.completed', ...place });
        return;
      case 'code_interpreter_call':
        sink.emit({ type: 'response.code_interpreter_call.in_progress', ...place });
        sink.deltas({ type: 'response.code_interpreter_call_code.delta', ...place })({ delta: item.code });
        sink.emit({ type: 'response.code_interpreter_call_code.done', ...place, code: item.code });
        sink.emit({ type: 'response.code_interpreter_call.interpreting', ...place });
        sink.emit({ type: 'response.code_interpreter_call.completed', ...place });
        return;
      case 'mcp_call':
        sink.emit({ type: 'response.mcp_call.in_progress', ...place });
        sink.deltas({ type: 'response.mcp_call_arguments.delta', ...place })({ delta: item.arguments });
        sink.emit({ type: 'response.mcp_call_arguments.done', ...place, arguments: item.arguments });
        sink.emit({ type: 'response.mcp_call.completed', ...place });
        return;
    }
  }
}

/** The label under which the tools of this server stand where the wire wants the name of a server. */
const serverLabel = 'flashmux';

export function serverToolItem(id: string, name: string, argumentsText: string, status: ServerToolStatus): ServerToolItem {
  const told = argumentOf(argumentsText);
  switch (serverToolOf(name)) {
    case 'web_search': {
      const query = told('query');
      return { type: 'web_search_call', id, status, action: { type: 'search', query, queries: query === '' ? [] : [query] } };
    }
    case 'web_extractor':
      return { type: 'web_search_call', id, status, action: { type: 'open_page', url: told('url') } };
    case 'code_interpreter':
      return { type: 'code_interpreter_call', id, status, code: told('code'), container_id: serverLabel, outputs: null };
    case 'web_search_image':
    case 'image_search':
    case undefined:
      return mcpItem(id, serverLabel, name, argumentsText, status);
  }
}

/** Holds any call in a form that all clients know. */
export function mcpItem(
  id: string,
  label: string,
  name: string,
  argumentsText: string,
  status: ServerToolStatus,
): ServerToolItem {
  return {
    type: 'mcp_call',
    id,
    status,
    server_label: label,
    name,
    arguments: argumentsText,
    output: null,
    error: null,
    approval_request_id: null,
  };
}

/** Reads one text out of arguments that may be no JSON. */
function argumentOf(argumentsText: string): (key: string) => string {
  const parsed = parseJson(argumentsText);
  return (key) => {
    const value = isJsonObject(parsed) ? parsed[key] : undefined;
    return typeof value === 'string' ? value : '';
  };
}
