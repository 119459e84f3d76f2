import { exactly, flag, mapOf, objectOf, recordOf, ref, said, text } from '../../model/json-schema.ts';
import type { RouteAbout } from '../route-about.ts';

const group = 'Health';

const livenessAbout: RouteAbout = {
  operationId: 'getHealth',
  group,
  summary: 'Whether the process lives',
  answers: {
    '200': { description: 'It does.', content: { 'application/json': recordOf({ status: exactly('ok'), version: text }) } },
  },
};

const component = objectOf({ ready: flag, reason: said('What is missing and what to do about it.', text) }, ['ready']);

const readinessAbout: RouteAbout = {
  operationId: 'getReadiness',
  group,
  summary: 'Whether it can serve',
  description: 'For load balancers: 200 while requests can be served, 503 while not.',
  answers: {
    '200': {
      description: 'It can.',
      content: { 'application/json': recordOf({ status: exactly('ready'), components: mapOf(ref('Component')) }) },
    },
    '503': {
      description: 'It cannot.',
      content: { 'application/json': recordOf({ status: exactly('not_ready'), components: mapOf(ref('Component')) }) },
    },
  },
  definitions: { Component: component },
};

export const healthAbouts: Readonly<Record<string, RouteAbout>> = {
  'GET /healthz': livenessAbout,
  'GET /readyz': readinessAbout,
};
