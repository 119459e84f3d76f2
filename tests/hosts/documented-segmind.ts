import {
  closed,
  list,
  number,
  oneOf,
  stops,
  text,
  toolChoices,
  toolsOf,
  whole,
  word,
  answerForms,
  bool,
} from '../wire/documented.ts';

/*
 * Segmind's pages (seeds 000 and 001): messages of a role and a string; the text names `enable_thinking`, an image parameter, calls of
 * tools, and calls the API compatible with OpenAI's. The model stands in the path.
 */
const calls = list(
  closed({ id: text, type: word('function'), function: closed({ name: text, arguments: text }, ['name', 'arguments']) }, [
    'id',
    'type',
    'function',
  ]),
);

export const segmindHost = closed(
  {
    messages: list(
      oneOf(
        closed({ role: word('user', 'system'), content: text }, ['role', 'content']),
        closed({ role: word('assistant'), content: oneOf(text, { type: 'null' }), tool_calls: calls }, ['role']),
        closed({ role: word('tool'), tool_call_id: text, content: text }, ['role', 'tool_call_id', 'content']),
      ),
    ),
    image: oneOf(text, list(text)),
    temperature: number(0, 2),
    top_p: number(0, 1),
    max_tokens: whole(1),
    stop: stops,
    enable_thinking: bool,
    response_format: answerForms,
    tools: toolsOf(),
    tool_choice: toolChoices,
  },
  ['messages'],
);
