import { carrierOf } from '../wire/carried.ts';

export const carryOf = carrierOf('openai-responses');
