import { FlashmuxError } from '../model/fault.ts';
import type { Notice } from '../model/notice.ts';
import type { GenerateRequest, ServerToolName, ServerToolWishes } from '../model/request.ts';
import type { OfferedModel } from './offered-model.ts';

export interface ResolvedServerTools {
  readonly serverTools: ServerToolWishes;
  readonly notices: readonly Notice[];
}

const toolNames = [
  'web_search',
  'web_extractor',
  'code_interpreter',
  'web_search_image',
  'image_search',
] as const satisfies readonly ServerToolName[];

/**
 * Checks the server-side tools that the caller switched on. One that the model does not have is refused (`unsupported_value`):
 * an answer without the search that was asked for looks like one with it. One that lacks its companions (EmpirioLabs: the
 * extractor needs web search and thinking, the interpreter needs thinking) is switched off with a notice, because the seller's
 * page has both on by default. The page's defaults are not filled in: tools cost money by the call, so the caller names them.
 */
export function resolveServerTools(request: GenerateRequest, thinks: boolean, offered: OfferedModel): ResolvedServerTools {
  const wishes = request.serverTools ?? {};
  const notices: Notice[] = [];
  const resolved: Partial<Record<ServerToolName, boolean>> = { ...wishes };
  for (const name of toolNames) {
    if (wishes[name] !== true) continue;
    if (!offered.lists(`tool_${name}`)) throw missingTool(name, offered);
    const lacking = lackingCompanion(name, wishes, thinks);
    if (lacking === undefined) continue;
    resolved[name] = false;
    notices.push({ code: 'ignored', path: `tool_${name}`, message: `${name} works only with ${lacking}; it stays off.` });
  }
  return { serverTools: resolved, notices };
}

function lackingCompanion(name: ServerToolName, wishes: ServerToolWishes, thinks: boolean): string | undefined {
  if (name === 'web_extractor' && wishes.web_search !== true) return 'tool_web_search: true';
  if ((name === 'web_extractor' || name === 'code_interpreter') && !thinks) return 'thinking on';
  return undefined;
}

function missingTool(name: ServerToolName, offered: OfferedModel): FlashmuxError {
  const param = `tool_${name}`;
  const had = toolNames.filter((known) => offered.lists(`tool_${known}`)).map((known) => `tool_${known}`);
  const instead = had.length === 0 ? 'It has no server-side tools' : `It has ${had.join(', ')}`;
  return new FlashmuxError('unsupported_value', `${offered.label} has no server-side tool ${name}. ${instead}.`, { param });
}
