import { expect, test } from 'vitest';
import { signatureHeaders } from './sign-delivery.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const delivery = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body: '{"test": 2432232314}' };

test('the signature is the one of the test vector that the Standard Webhooks libraries share', () => {
  expect(signatureHeaders(delivery, secret)).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test.each([
  ['id', { ...delivery, id: 'msg_2' }, secret],
  ['time', { ...delivery, timestamp: 1_614_265_331 }, secret],
  ['body', { ...delivery, body: '{"test": 2432232315}' }, secret],
  ['secret', delivery, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx'],
  ['kind of secret', delivery, 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
])('another %s has another signature', (_, other, otherSecret) => {
  const { 'webhook-signature': signature } = signatureHeaders(other, otherSecret);
  expect(signature).not.toBe(signatureHeaders(delivery, secret)['webhook-signature']);
});
