import { sharedDefinitions } from '../openai-chat/shared-schema.ts';
import type { WireSchemas } from '../wire-schemas.ts';
import { answerDefinitions, versionDefinitions } from './answer-schema.ts';
import { promptDefinitions } from './prompt-schema.ts';
import { requestDefinitions } from './request-schema.ts';
import type { Specification } from './specification.ts';

/** What this wire looks like to a caller of one version. */
export function aiGatewaySchemas(version: Specification): WireSchemas {
  return {
    definitions: {
      ...sharedDefinitions,
      ...requestDefinitions,
      ...promptDefinitions,
      ...answerDefinitions,
      ...versionDefinitions(version),
    },
    request: 'GatewayCall',
    answer: `GatewayV${version}Result`,
    event: `GatewayV${version}StreamPart`,
    fault: 'GatewayError',
  };
}
