/** The SMMUv3 conformance list, the stall model: S31 and S45 to S51. A platform device sends, and its faults stall. */
import { describe, expect, test } from 'vitest';
import { readWord } from '../../world/memory.ts';
import { encode } from '../layout.ts';
import { links, messages } from '../pcie/link.ts';
import { CMD_CFGI_STE, CMD_RESUME, CMD_STALL_TERM, CMD_SYNC, OPCODE } from './commands.layout.ts';
import { EVENT } from './events.layout.ts';
import { CERROR, REGISTER } from './registers.layout.ts';
import { isErrorActive, registerField } from './registers.ts';
import { stalls } from './stall.ts';
import { STE_CONFIG } from './stream-table.layout.ts';
import {
  addressOf,
  askTranslation,
  type Bench,
  bench,
  command,
  dma,
  ENABLES,
  events,
  FRAME,
  PAGE,
  received,
  SID,
  SSID,
  send,
  setCd,
  setLeaf,
  setRegister,
  setSte,
  settle,
  stallBench,
} from './testing.ts';

const SYNC = encode(CMD_SYNC, { opcode: OPCODE.SYNC });
const CFGI_STE = encode(CMD_CFGI_STE, { opcode: OPCODE.CFGI_STE, StreamID: SID, Leaf: 1 });
const STALL_TERM = encode(CMD_STALL_TERM, { opcode: OPCODE.STALL_TERM, StreamID: SID });
const [RETRY, ABORT, ZERO] = [{ Ac: 1 }, { Ab: 1 }, {}];

function resumeOf(STAG: number, action: { Ac?: number; Ab?: number }, StreamID = SID) {
  return encode(CMD_RESUME, { opcode: OPCODE.RESUME, StreamID, STAG, ...action });
}

/** A platform device whose page has no leaf. */
function faulting(features: Parameters<typeof stallBench>[0] = {}): Bench {
  const made = stallBench(features);
  setLeaf(made, { valid: 0 });
  return made;
}

const statesOf = ({ world }: Bench) => stalls.all(world).map(({ stag, state }) => [stag, state]);
const headError = ({ world, smmu }: Bench) => registerField(world, smmu, REGISTER.CMDQ_CONS, 'ERR');
const overflow = ({ world, smmu }: Bench) => registerField(world, smmu, REGISTER.EVENTQ_PROD, 'OVFLG');
const word = ({ world }: Bench) => readWord(world, FRAME, 0);

describe('a fault that stalls (A7)', () => {
  test('S31: no leaf with CD.S=1 and R=0: no response, but F_TRANSLATION with Stall=1 and a fresh STAG', () => {
    const made = faulting();
    setCd(made, SSID, { S: 1, R: 0 });

    dma(made, 'read', addressOf(PAGE, 0x124));
    dma(made, 'write');

    expect(received(made)).toEqual([]);
    const { hi, lo } = addressOf(PAGE, 0x124);
    const first = { RnW: 1, InD: 0, SSV: 1, SubstreamID: SSID, StreamID: SID, CLASS: 2, S2: 0 };
    expect(events(made)).toMatchObject([
      { EventID: EVENT.F_TRANSLATION, Stall: 1, STAG: 0, ...first, InputAddr_HI: hi, InputAddr_LO: lo },
      { EventID: EVENT.F_TRANSLATION, Stall: 1, STAG: 1, RnW: 0 },
    ]);
  });

  test.each([
    ['F_ACCESS', { AF: 0 }, EVENT.F_ACCESS],
    ['F_PERMISSION', { AP2: 1 }, EVENT.F_PERMISSION],
    ['F_ADDR_SIZE', { OA: 2 ** 32 }, EVENT.F_ADDR_SIZE],
  ] as const)('%s stalls too', (_name, leaf, EventID) => {
    const made = stallBench();
    setLeaf(made, leaf);

    dma(made, 'write');

    expect(events(made)).toMatchObject([{ EventID, Stall: 1 }]);
  });

  test('a fault of the configuration never stalls', () => {
    const made = stallBench();
    setCd(made, SSID, { S: 1, V: 0 });

    dma(made, 'write');

    expect(events(made)).toMatchObject([{ EventID: EVENT.C_BAD_CD }]);
    expect(received(made)).toMatchObject([{ kind: 'write-completion', status: 'abort' }]);
  });

  test('a Translation Request does not stall', () => {
    const made = bench();
    setSte(made, { S1STALLD: 0 });
    setCd(made, SSID, { S: 1 });
    setLeaf(made, { valid: 0 });

    askTranslation(made);

    expect(received(made)).toMatchObject([{ kind: 'translation-completion', status: 'success', lo: 0 }]);
    expect(events(made)).toEqual([]);
  });

  test('what stands behind a stalled transaction goes on', () => {
    const made = faulting();
    dma(made, 'write');

    dma(made, 'read', addressOf(PAGE - 512 * 512, 0));

    expect(messages.all(made.world)).toHaveLength(2);
    expect(statesOf(made)).toEqual([
      [0, 'stalled'],
      [1, 'stalled'],
    ]);
  });
});

describe('limits (3.12.2, 7.4)', () => {
  function full(): Bench {
    const made = faulting();
    for (let i = 0; i < 8; i++) dma(made, 'write');
    return made;
  }

  test('S45: a stall that finds the event queue full is not dropped and overflows nothing; it is recorded once there is room', () => {
    const made = faulting();
    setCd(made, SSID + 1, {});
    for (let i = 0; i < 8; i++) send(made, { kind: 'write', pasid: SSID + 1, bytes: 4, ...addressOf(PAGE) });

    dma(made, 'write');
    expect([overflow(made), statesOf(made)]).toEqual([0, []]);
    expect(links.get(made.world, made.link).held).toBe(1);

    expect(events(made)).toHaveLength(8);
    settle(made);
    expect(events(made)).toMatchObject([{ EventID: EVENT.F_TRANSLATION, Stall: 1 }]);
    expect(links.get(made.world, made.link).held).toBe(0);
  });

  test('with STALL_MAX stalled the next one is held back at the head of its link, until a place is free', () => {
    const made = full();
    dma(made, 'write');
    dma(made, 'write');
    expect(events(made)).toHaveLength(8);
    expect(messages.all(made.world).map(({ place }) => place)).toEqual([-1, -1, -1, -1, -1, -1, -1, -1, 0, 1]);

    command(made, resumeOf(3, ABORT));

    expect(events(made)).toMatchObject([{ STAG: 3, Stall: 1 }]);
    expect(messages.all(made.world).filter(({ up, place }) => up === 1 && place >= 0)).toHaveLength(1);
  });

  test('a transaction that faults again keeps its place while its record finds no room', () => {
    const made = full();
    command(made, resumeOf(0, RETRY));
    expect(statesOf(made)[0]).toEqual([-1, 'blocked']);

    expect(events(made)).toHaveLength(8);
    settle(made);

    expect(statesOf(made)[0]).toEqual([0, 'stalled']);
    expect(events(made)).toMatchObject([{ STAG: 0, Stall: 1 }]);
  });
});

describe('the answer of software (4.7)', () => {
  test('S46: after its page was mapped, a retried transaction completes, and its STAG is free', () => {
    const made = faulting();
    dma(made, 'write');
    setLeaf(made, {});

    command(made, resumeOf(0, RETRY));

    expect(received(made)).toMatchObject([{ kind: 'write-completion', status: 'success' }]);
    expect(word(made)).toBe(0xd0d0);
    expect([stalls.all(made.world), messages.all(made.world)]).toEqual([[], []]);
    setLeaf(made, { valid: 0 });
    dma(made, 'write', addressOf(PAGE - 1));
    expect(events(made).at(-1)).toMatchObject({ STAG: 0 });
  });

  test('S47: retried while the page is still missing, it is recorded a second time', () => {
    const made = faulting();
    dma(made, 'read');

    command(made, resumeOf(0, RETRY));

    expect(events(made)).toMatchObject([{ Stall: 1 }, { EventID: EVENT.F_TRANSLATION, Stall: 1, STAG: 0 }]);
    expect(received(made)).toEqual([]);
  });

  test('S48: terminated with Ab=1 it aborts, with Ab=0 it reads zero', () => {
    const made = faulting();
    dma(made, 'read');
    dma(made, 'read');

    command(made, resumeOf(0, ABORT), resumeOf(1, ZERO));

    expect(received(made)).toMatchObject([{ status: 'abort' }, { status: 'success', lo: 0 }]);
    expect(stalls.all(made.world)).toEqual([]);
  });

  test.each([
    ['the right STAG and the wrong StreamID', resumeOf(0, RETRY, SID + 1)],
    ['a STAG that nobody has', resumeOf(7, RETRY)],
  ])('S49: CMD_RESUME with %s has no effect and is no error', (_what, words) => {
    const made = faulting();
    dma(made, 'write');
    setLeaf(made, {});

    command(made, words);

    expect(statesOf(made)).toEqual([[0, 'stalled']]);
    expect(isErrorActive(made.world, made.smmu, 'CMDQ_ERR')).toBe(false);
  });

  test.each([
    ['CMD_RESUME', resumeOf(0, RETRY)],
    ['CMD_STALL_TERM', STALL_TERM],
  ])('S50: %s is CERROR_ILL where STALL_MODEL is terminate only', (_name, words) => {
    const made = bench({ IDR0: { STALL_MODEL: 1 } });

    command(made, words);

    expect(headError(made)).toBe(CERROR.ILL);
  });

  test('a CMD_RESUME with SSec is CERROR_ILL', () => {
    const made = faulting();

    command(made, encode(CMD_RESUME, { opcode: OPCODE.RESUME, SSec: 1, StreamID: SID }));

    expect(headError(made)).toBe(CERROR.ILL);
  });

  test('S51: after Config=0, CFGI_STE and SYNC, CMD_STALL_TERM aborts every stall of the stream, and none is new', () => {
    const made = faulting();
    dma(made, 'read');
    dma(made, 'read');
    events(made);
    setSte(made, { Config: STE_CONFIG.ABORT });

    command(made, CFGI_STE, SYNC, STALL_TERM);
    dma(made, 'read');

    expect(received(made).map(({ status }) => status)).toEqual(['abort', 'abort', 'abort']);
    expect([events(made), stalls.all(made.world)]).toEqual([[], []]);
  });

  test('CMD_STALL_TERM of another stream ends nothing', () => {
    const made = faulting();
    dma(made, 'read');

    command(made, encode(CMD_STALL_TERM, { opcode: OPCODE.STALL_TERM, StreamID: SID + 1 }));

    expect(statesOf(made)).toEqual([[0, 'stalled']]);
  });

  test('the end of translation ends what is stalled: a later CMD_RESUME means nothing', () => {
    const made = faulting();
    dma(made, 'read');

    setRegister(made, REGISTER.CR0, { ...ENABLES, SMMUEN: 0 });
    settle(made);

    expect(received(made)).toMatchObject([{ status: 'abort' }]);
    command(made, resumeOf(0, RETRY));
    expect([headError(made), stalls.all(made.world)]).toEqual([0, []]);
  });

  test('an invalidation does not touch what is stalled, and a retry sees what it changed', () => {
    const made = faulting();
    dma(made, 'read');
    setCd(made, SSID, { S: 1, V: 0 });

    command(made, CFGI_STE, SYNC);
    expect(statesOf(made)).toEqual([[0, 'stalled']]);
    command(made, resumeOf(0, RETRY));

    expect(events(made)).toMatchObject([{ Stall: 1 }, { EventID: EVENT.C_BAD_CD }]);
    expect(received(made)).toMatchObject([{ status: 'abort' }]);
  });
});

describe('STALL_MODEL in structures (5.2, 5.4)', () => {
  test.each([
    ['terminate only', 'S=1 is C_BAD_CD', { STALL_MODEL: 1 }, { S: 1 }, EVENT.C_BAD_CD],
    ['forced', 'S=0 is C_BAD_CD', { STALL_MODEL: 2 }, { S: 0 }, EVENT.C_BAD_CD],
    ['forced', 'S=1 stalls', { STALL_MODEL: 2 }, { S: 1 }, EVENT.F_TRANSLATION],
  ] as const)('%s: %s', (_model, _rule, IDR0, cd, EventID) => {
    const made = faulting({ IDR0 });
    setCd(made, SSID, cd);

    dma(made, 'read');

    expect(events(made)).toMatchObject([{ EventID }]);
  });

  test('S1STALLD where nothing could stall anyway is C_BAD_STE', () => {
    const made = faulting({ IDR0: { STALL_MODEL: 2 } });
    setSte(made, { S1STALLD: 1 });

    dma(made, 'read');

    expect(events(made)).toMatchObject([{ EventID: EVENT.C_BAD_STE }]);
  });
});

test('a write on a platform link is answered, one on PCIe is posted', () => {
  const [platform, pci] = [bench({}, 'platform'), bench()];

  dma(platform, 'write');
  dma(pci, 'write');

  expect([received(platform), received(pci)]).toMatchObject([[{ kind: 'write-completion', status: 'success' }], []]);
});
