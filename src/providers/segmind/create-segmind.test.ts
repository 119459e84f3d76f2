import { afterEach, describe, expect, test } from 'vitest';
import { fold } from '../../model/fold.ts';
import type { Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Turn } from '../../model/turn.ts';
import type { Behaviour } from '../../net/local-server.test-support.ts';
import { attemptOf, requestOf } from '../attempt.test-support.ts';
import { hostRig, json, outcomeOf, type HostRig } from '../http-host/host-rig.test-support.ts';
import { quirksRows } from '../quirks.ts';
import { createSegmind } from './create-segmind.ts';
import { writeSegmindCall } from './write-segmind-call.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function rig(behave: Behaviour): Promise<HostRig> {
  const made = await hostRig((options) => createSegmind({ ...options, quirks: quirksRows.segmind }), behave);
  cleanups.push(() => made.close());
  return made;
}

const answer = {
  id: 'c1',
  object: 'chat.completion',
  created: 7,
  model: 'qwen3.5-flash',
  choices: [{ index: 0, message: { role: 'assistant', content: 'a joke on dogs' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 31, completion_tokens: 4, total_tokens: 35 },
};
const signal = (): AbortSignal => new AbortController().signal;

test('the call of the pages: the model in the path, the key in x-api-key, messages of strings, a whole answer', async () => {
  const { server, provider, lastBody } = await rig(
    (reply) => void reply.writeHead(200, { ...json, 'x-remaining-credits': '9.5' }).end(JSON.stringify(answer)),
  );
  const turns: Turn[] = [
    { role: 'user', parts: [{ kind: 'text', text: 'tell me a joke on cats' }] },
    { role: 'assistant', parts: [{ kind: 'text', text: 'here is a joke about cats...' }] },
    { role: 'user', parts: [{ kind: 'text', text: 'now a joke on dogs' }] },
  ];
  const { events, fault } = await outcomeOf(provider.run(attemptOf(requestOf('', { model: 'qwen3.5-flash', turns })), signal()));
  expect(fault).toBeUndefined();
  expect(server.requests[0]).toMatchObject({ method: 'POST', url: '/v1/qwen3.5-flash', headers: { 'x-api-key': 'key-a' } });
  expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
  expect(lastBody()).toEqual({
    messages: [
      { role: 'user', content: 'tell me a joke on cats' },
      { role: 'assistant', content: 'here is a joke about cats...' },
      { role: 'user', content: 'now a joke on dogs' },
    ],
  });
  expect(fold(events)).toMatchObject({
    choices: [{ parts: [{ text: 'a joke on dogs' }], reason: 'stop' }],
    usage: { input: { total: 31 }, output: { total: 4 } },
  });
});

test.each([
  [401, 'upstream_refused', /key of provider "host" was refused/],
  [404, 'invalid_request', /404/],
  [405, 'upstream_failed', /405/],
  [406, 'upstream_refused', /no credit left \(406\)/],
  [500, 'upstream_failed', /500/],
])('the %i of the pages is %s', async (status, code, message) => {
  const { provider } = await rig((reply) => void reply.writeHead(status, json).end('{}'));
  const { fault } = await outcomeOf(provider.run(attemptOf(requestOf('hi')), signal()));
  expect(fault).toMatchObject({ code, upstream: { provider: 'host', status } });
  expect(fault?.message).toMatch(message);
});

describe('what stands in a body', () => {
  const sent = (more: Partial<GenerateRequest>): ReturnType<typeof writeSegmindCall> =>
    writeSegmindCall(requestOf('hi', more), quirksRows.segmind);
  const picture: Part = { kind: 'media', medium: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } };
  const text: Part = { kind: 'text', text: 'look' };

  test('ids with an owner keep their slash in the path', () => {
    expect(sent({ model: 'alibaba/qwen 3' }).path).toBe('/alibaba/qwen%203');
  });

  test('pictures of what was asked last stand beside the messages', () => {
    const one = sent({ turns: [{ role: 'user', parts: [text, picture] }] });
    expect(one.body).toMatchObject({ messages: [{ role: 'user', content: 'look' }], image: 'https://example.com/a.png' });
    expect(one.notices).toMatchObject([{ code: 'moved', path: 'messages[0].content[1]' }]);
    const two = sent({ turns: [{ role: 'user', parts: [picture, text, picture] }] });
    expect(two.body['image']).toEqual(['https://example.com/a.png', 'https://example.com/a.png']);
  });

  test.each([
    [
      'an earlier picture',
      [
        { role: 'user', parts: [text, picture] },
        { role: 'user', parts: [text] },
      ],
    ],
    ['a sound', [{ role: 'user', parts: [text, { ...picture, medium: 'audio' }] }]],
  ] as const)('%s is refused with its place', (_, turns) => {
    expect(() => sent({ turns })).toThrow(
      expect.objectContaining({ code: 'unsupported_media', param: 'messages[0].content[1]' }),
    );
  });

  test('the switch for thinking is the one that the page names; an effort and a budget are told', () => {
    const { body, notices } = sent({ thinking: { kind: 'on', effort: 'high' } });
    expect(body['enable_thinking']).toBe(true);
    expect(notices).toMatchObject([{ code: 'dropped', path: 'reasoning_effort' }]);
  });
});
