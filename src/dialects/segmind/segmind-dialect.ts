import { joinModel } from '../../protocols/segmind/call-model.ts';
import { segmind } from '../../protocols/segmind/segmind.ts';
import type { Dialect } from '../dialect.ts';
import { segmindAbout } from './segmind-about.ts';

/**
 * Segmind's API: `POST /v1/{model}`, with its own statuses (406 where credits are missing, seed 000). Its paths lie among those of chat
 * completions, so its errors are told where a call reached a model's path. `owner`: what stands before the slash in ids of models, such as
 * `alibaba`; each has a path of its own, so that no other path of two segments is taken for a model.
 */
export function segmindDialect(owner?: string): Dialect {
  const { server } = segmind;
  const prefix = owner === undefined ? '/v1' : `/v1/${owner}`;
  return {
    name: owner === undefined ? 'segmind' : `segmind-${owner}`,
    prefix,
    generatePaths: [`${prefix}/{model}`],
    readRequest({ body, parameters }) {
      const { model = '' } = parameters;
      return server.readRequest(joinModel(body, owner === undefined ? model : `${owner}/${model}`));
    },
    answers: server,
    stream: { contentType: 'text/event-stream; charset=utf-8', heartbeat: ': keep-alive\n\n' },
    status: (fault) => fault.row.segmindStatus,
    writeFault: (fault, requestId) => server.writeFault(fault, requestId),
    rateLimitHeaders: 'openai',
    headers: () => ({}),
    about: segmindAbout(`${prefix}/{model}`, owner),
  };
}

/** The dialect for ids without a slash, and one for each owner that has ids with one. */
export function segmindDialects(ids: Iterable<string>): readonly Dialect[] {
  const owners = new Set<string>();
  for (const id of ids) {
    const owner = /^([\w.-]+)\/[^/]+$/.exec(id)?.[1];
    if (owner !== undefined) owners.add(owner);
  }
  return [segmindDialect(), ...[...owners].toSorted().map((owner) => segmindDialect(owner))];
}
