import { expect, test } from 'vitest';
import { isEcho, readMessage } from './messages.ts';

const asked = { svm: 1, id: 'a' };

test('an order that is whole is understood', () => {
  for (const order of [
    { do: 'hello' },
    { do: 'load', scenario: 'first-touch', policy: 'mainline', at: 3 },
    { do: 'load', script: 'machine smmuv3\n' },
    { do: 'seek', at: 0 },
    { do: 'step', direction: -1, by: 'call' },
    { do: 'play', by: 'step', speed: 4 },
    { do: 'pause' },
    { do: 'subscribe', to: ['moment', 'events', 'run'] },
  ]) {
    expect(readMessage({ ...asked, ...order })).toEqual({ id: 'a', order });
  }
});

test('a field that is undefined is not there', () => {
  expect(readMessage({ ...asked, do: 'play', speed: undefined })).toEqual({ id: 'a', order: { do: 'play' } });
});

/** Messages that are not understood, with what is said about each. */
const MISTAKES: readonly (readonly [unknown, string, RegExp])[] = [
  ['seek', 'malformed', /is an object/],
  [null, 'malformed', /is an object/],
  [[asked], 'malformed', /is an object/],
  [{ do: 'hello' }, 'malformed', /version/],
  [{ svm: '1', do: 'hello' }, 'malformed', /version/],
  [{ svm: 0, do: 'hello' }, 'version', /version 0.*version 1/],
  [{ svm: 1, id: {}, do: 'hello' }, 'malformed', /id/],
  [{ svm: 1 }, 'unknown', /undefined.*hello, load/],
  [{ svm: 1, do: 'constructor' }, 'unknown', /"constructor"/],
  [{ svm: 1, do: '<img src=x>'.repeat(1000) }, 'unknown', /^.{0,140}$/],
  [{ svm: 1, do: 'seek' }, 'malformed', /seek needs the field at/],
  [{ svm: 1, do: 'seek', at: -1 }, 'malformed', /field at: an event/],
  [{ svm: 1, do: 'seek', at: 1.5 }, 'malformed', /field at/],
  [{ svm: 1, do: 'seek', at: '3' }, 'malformed', /field at/],
  [{ svm: 1, do: 'hello', toString: 1 }, 'malformed', /no field "toString"/],
  [{ svm: 1, do: 'load' }, 'malformed', /either a scenario or a script/],
  [{ svm: 1, do: 'load', scenario: 'a', script: 'b' }, 'malformed', /either/],
  [{ svm: 1, do: 'load', script: 'x'.repeat(200_001) }, 'too-large', /at most 200000/],
  [{ svm: 1, do: 'load', scenario: 'x'.repeat(201) }, 'too-large', /at most 200/],
  [{ svm: 1, do: 'load', script: 7 }, 'malformed', /not a text/],
  [{ svm: 1, do: 'step', direction: 2 }, 'malformed', /none of 1, -1/],
  [{ svm: 1, do: 'play', speed: 1000 }, 'malformed', /none of 0.25/],
  [{ svm: 1, do: 'subscribe', to: ['moment', 'all'] }, 'malformed', /some of moment, events, run/],
  [{ svm: 1, do: 'subscribe', to: new Array(11).fill('moment') }, 'malformed', /some of/],
];

test('a message that is not understood whole is refused, with what is wrong and where', () => {
  for (const [data, code, message] of MISTAKES) {
    expect(readMessage(data), JSON.stringify(data)?.slice(0, 80)).toMatchObject({
      refusal: { code, message: expect.stringMatching(message) },
    });
  }
});

test('what the page itself has sent is known again', () => {
  expect(isEcho({ svm: 1, re: 1, ok: true })).toBe(true);
  expect(isEcho({ svm: 1, tell: 'moment' })).toBe(true);
  expect(isEcho({ ...asked, do: 'hello' })).toBe(false);
});
