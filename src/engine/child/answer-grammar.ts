import type { Llama, LlamaGrammar } from 'node-llama-cpp';
import { FlashmuxError } from '../../model/fault.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { jsonObjectGrammar, jsonSchemaGrammar } from '../grammar/json-schema-grammar.ts';
import { toolCallGrammar } from '../grammar/tool-call-grammar.ts';

const schemaPath = 'response_format.json_schema.schema';

/**
 * What the answer has to keep to, compiled; undefined where it is free. A call that must be made goes before a form of the text,
 * because an answer that is a call has no text. Throws `invalid_schema`.
 */
export async function answerGrammar(llama: Llama, request: GenerateRequest): Promise<LlamaGrammar | undefined> {
  const written = writtenGrammar(request);
  if (written === undefined) return undefined;
  try {
    return await llama.createGrammar({ grammar: written.grammar });
  } catch (cause) {
    const message = 'No grammar can be made of this schema. Simplify it, or leave out what it says about text patterns.';
    throw new FlashmuxError('invalid_schema', message, { param: written.param, cause });
  }
}

function writtenGrammar(request: GenerateRequest): { readonly grammar: string; readonly param: string } | undefined {
  const { toolChoice, tools, form } = request;
  if (toolChoice?.kind === 'required' || toolChoice?.kind === 'function') {
    if (toolChoice.kind === 'function' && !tools.some((tool) => tool.name === toolChoice.name)) {
      throw new FlashmuxError('invalid_request', `tool_choice names "${toolChoice.name}", which is not among the tools.`, {
        param: 'tool_choice',
      });
    }
    if (tools.length === 0) {
      throw new FlashmuxError('invalid_request', 'tool_choice asks for a call, but there are no tools.', {
        param: 'tool_choice',
      });
    }
    return { grammar: toolCallGrammar(tools, toolChoice, request.parallelToolCalls !== false), param: 'tools' };
  }
  switch (form.kind) {
    case 'unsaid':
    case 'plain':
      return undefined;
    case 'json':
      return { grammar: jsonObjectGrammar(), param: 'response_format' };
    case 'schema':
      if (form.schema === undefined) return { grammar: jsonObjectGrammar(), param: 'response_format' };
      return { grammar: jsonSchemaGrammar(form.schema, schemaPath), param: schemaPath };
  }
}
