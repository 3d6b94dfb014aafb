import { describe, expect, test } from 'vitest';
import { createWorld, schemaOf } from '../../world/table.ts';
import { ALL_PAGES, decodePages, encodePages } from './address-range.ts';
import {
  createLink,
  describeMessage,
  hasRoomDown,
  hasRoomUp,
  headDown,
  headsUp,
  headUp,
  LINK_CREDITS,
  links,
  linksOf,
  linkTo,
  messages,
  popUp,
  sendDown,
  sendUp,
} from './link.ts';

const schema = schemaOf([links, messages]);

function twoLinks() {
  const world = createWorld(schema, 0, 1);
  return { world, gpu: createLink(world, 'gpu0', 0, 0x100), nic: createLink(world, 'nic0', 0, 0x200) };
}

describe('a link', () => {
  test('delivers in the order of sending, each direction by itself', () => {
    const { world, gpu } = twoLinks();
    sendUp(world, gpu, { kind: 'write', data: 1 });
    sendDown(world, gpu, { kind: 'read-completion', data: 9 });
    sendUp(world, gpu, { kind: 'write', data: 2 });

    expect([popUp(world, gpu).data, popUp(world, gpu).data]).toEqual([1, 2]);
    expect(headUp(world, gpu)).toBeNull();
    expect(headDown(world, gpu)).toMatchObject({ data: 9, place: 0 });
  });

  test('forgets how many messages went before, so that equal queues are equal states', () => {
    const { world, gpu } = twoLinks();
    sendUp(world, gpu, { kind: 'read', tag: 1 });
    const fresh = world.fingerprint();

    sendUp(world, gpu, { kind: 'read', tag: 2 });
    popUp(world, gpu);
    sendUp(world, gpu, { kind: 'read', tag: 1 });
    popUp(world, gpu);

    expect(headUp(world, gpu)).toMatchObject({ tag: 1, place: 0 });
    expect(world.fingerprint()).toEqual(fresh);
  });

  test('has a credit for each of sixteen messages', () => {
    const { world, gpu, nic } = twoLinks();
    for (let i = 0; i < LINK_CREDITS; i++) {
      expect(hasRoomUp(world, gpu)).toBe(true);
      sendUp(world, gpu, { kind: 'write' });
    }

    expect(hasRoomUp(world, gpu)).toBe(false);
    expect(hasRoomUp(world, nic)).toBe(true);
    expect(hasRoomDown(world, gpu)).toBe(true);
    expect(() => sendUp(world, gpu, { kind: 'write' })).toThrow('credit');
  });

  test('is found from its SMMU, by its StreamID', () => {
    const { world, gpu, nic } = twoLinks();
    sendUp(world, nic, { kind: 'write' });

    expect(linksOf(world, 0).map(({ id }) => id)).toEqual([gpu, nic]);
    expect(linkTo(world, 0, 0x200)?.id).toBe(nic);
    expect(linkTo(world, 1, 0x200)).toBeNull();
    expect(headsUp(world, 0).map(({ link }) => link)).toEqual([nic]);
  });

  test('says what its messages are', () => {
    expect(describeMessage({ kind: 'write', at: 'translated' })).toBe('a translated write');
    expect(describeMessage({ kind: 'page-request', at: 'untranslated' })).toBe('a page request');
  });
});

describe('a run of pages in one address', () => {
  test.each([
    ['one page', { page: 0x7f123, span: 0 }, { S: 0, Addr: 0x7f123 }],
    ['8 KB', { page: 0x7f122, span: 1 }, { S: 1, Addr: 0x7f122 }],
    ['16 KB', { page: 0x7f120, span: 2 }, { S: 1, Addr: 0x7f121 }],
    ['2 MB, as in the golden example', { page: 0x40000, span: 9 }, { S: 1, Addr: 0x400ff }],
    ['everything', ALL_PAGES, { S: 1, Addr: 2 ** 51 - 1 }],
  ])('%s is a low run of ones and a zero', (_size, run, fields) => {
    expect(encodePages(run)).toEqual(fields);
    expect(decodePages(fields)).toEqual(run);
  });
});
