/**
 * The SMMUv3 conformance list, one test a number; those of the stall model are in conformance-stall.test.ts. Words are put
 * into memory as software would, and hardware meets them there.
 */
import { describe, expect, test } from 'vitest';
import { readWord, writeWords } from '../../world/memory.ts';
import { PTE_LEAF, PTE_TABLE } from '../arm64/descriptor.layout.ts';
import { levelIndex } from '../arm64/walk.ts';
import { decode, encode, pointerTo } from '../layout.ts';
import { decodePages } from '../pcie/address-range.ts';
import { createLink, type Message, popDown } from '../pcie/link.ts';
import { ATS_COMPLETION, INV_REQ_BODY, PRG_RESPONSE_BODY } from '../pcie/messages.layout.ts';
import { entriesOf } from '../tlb.ts';
import {
  CMD_ATC_INV,
  CMD_CFGI_CD,
  CMD_CFGI_STE,
  CMD_PRI_RESP,
  CMD_SYNC,
  CMD_TLBI_NH_ASID,
  CMD_TLBI_NH_VA,
  OPCODE,
} from './commands.layout.ts';
import { L1CD } from './context.layout.ts';
import { EVENT, FAULT_CLASS } from './events.layout.ts';
import { expireInvalidations } from './invalidation.ts';
import { placeInQueue } from './output-queue.ts';
import { advance, indexOf, isFull } from './queue.ts';
import { CERROR, REGISTER } from './registers.layout.ts';
import { isErrorActive, readRegister, registerField, writeRegister } from './registers.ts';
import { iotlb } from './smmu.ts';
import { L1STD, STE, STE_CONFIG, STE_EATS, STE_S1DSS, STE_S1FMT } from './stream-table.layout.ts';
import {
  ASID,
  acknowledge,
  addressOf,
  askPage,
  askTranslation,
  type Bench,
  bench,
  CMDQ,
  command,
  dma,
  ENABLES,
  events,
  FRAME,
  leafOf,
  PAGE,
  pageRequests,
  RAM,
  ROOT,
  received,
  SID,
  SSID,
  STREAM_TABLE,
  send,
  setCd,
  setLeaf,
  setRegister,
  setSte,
  setTable,
  settle,
  TABLES,
} from './testing.ts';

const HOLE = RAM.first + RAM.pages;
const SYNC = encode(CMD_SYNC, { opcode: OPCODE.SYNC });
const CFGI_STE = encode(CMD_CFGI_STE, { opcode: OPCODE.CFGI_STE, StreamID: SID, Leaf: 1 });
const EVERYTHING = [0, 0, 0, 0];

function cfgiCd(ssid: number) {
  return encode(CMD_CFGI_CD, { opcode: OPCODE.CFGI_CD, StreamID: SID, SubstreamID: ssid, Leaf: 1 });
}

function tlbiVa(page: number, asid = ASID) {
  return encode(CMD_TLBI_NH_VA, { opcode: OPCODE.TLBI_NH_VA, ASID: asid, Address: page, Leaf: 1 });
}

/** Translation switched off, with this GBPA. */
function off(abort: number): Bench {
  const made = bench();
  setRegister(made, REGISTER.GBPA, { ABORT: abort, UPDATE: 1 });
  setRegister(made, REGISTER.CR0, { ...ENABLES, SMMUEN: 0 });
  settle(made);
  return made;
}

function frameWord({ world }: Bench, frame = FRAME): number {
  return readWord(world, frame, 0);
}

function translation(message: Message | undefined) {
  return decode(ATS_COMPLETION, [message?.lo ?? 0, message?.hi ?? 0]);
}

function response(message: Message | undefined) {
  return decode(PRG_RESPONSE_BODY, [message?.lo ?? 0, message?.hi ?? 0]);
}

/** A configuration error: the read aborts, and just this is recorded. */
function expectBad(made: Bench, event: number, values: Record<string, number> = {}): void {
  expect(received(made)).toMatchObject([{ kind: 'read-completion', status: 'UR' }]);
  expect(events(made)).toEqual([expect.objectContaining({ EventID: event, StreamID: SID, ...values })]);
}

describe('translation off (A2)', () => {
  test('S01: with GBPA.ABORT=0 a write passes untranslated, without an event', () => {
    const made = off(0);

    dma(made, 'write', { ...addressOf(FRAME), pasid: -1 });

    expect(frameWord(made)).toBe(0xd0d0);
    expect(events(made)).toEqual([]);
  });

  test('S02: with GBPA.ABORT=1 a read aborts, without an event', () => {
    const made = off(1);

    dma(made, 'read', { ...addressOf(FRAME), pasid: -1 });

    expect(received(made)).toMatchObject([{ kind: 'read-completion', status: 'UR' }]);
    expect(events(made)).toEqual([]);
  });

  test('S03: a Translation Request gets UR, and F_BAD_ATS_TREQ is recorded', () => {
    const made = off(0);

    askTranslation(made, { noWrite: 1 });

    expect(received(made)).toMatchObject([{ kind: 'translation-completion', status: 'UR' }]);
    expect(events(made)).toMatchObject([
      { EventID: EVENT.F_BAD_ATS_TREQ, StreamID: SID, SSV: 1, SubstreamID: SSID, R: 1, W: 0, X: 0, InputAddr: PAGE },
    ]);
  });

  test('S04: the last Page Request of a group gets Response Failure without PASID', () => {
    const made = off(0);

    askPage(made);

    const [answer] = received(made);
    expect(answer).toMatchObject({ kind: 'page-response', pasid: -1 });
    expect(response(answer)).toEqual({ PRGI: 7, RespCode: 15, DestDeviceID: SID });
    expect(pageRequests(made)).toEqual([]);
  });
});

describe('stream table (A2)', () => {
  test('S05: a StreamID beyond the table aborts and records C_BAD_STREAMID', () => {
    const made = bench();
    setRegister(made, REGISTER.STRTAB_BASE_CFG, { LOG2SIZE: 8 });

    dma(made, 'read');

    expectBad(made, EVENT.C_BAD_STREAMID);
  });

  test('S06: without CR2.RECINVSID it aborts only', () => {
    const made = bench();
    setRegister(made, REGISTER.STRTAB_BASE_CFG, { LOG2SIZE: 8 });
    setRegister(made, REGISTER.CR2, {});

    dma(made, 'read');

    expect(received(made)).toMatchObject([{ status: 'UR' }]);
    expect(events(made)).toEqual([]);
  });

  /** Two levels with SPLIT=8: descriptor 1 covers StreamIDs 0x100 to 0x1ff; its array lies where SID's STE stands. */
  function twoLevel(span: number): Bench {
    const made = bench();
    setRegister(made, REGISTER.STRTAB_BASE, { ADDR: pointerTo(0x70, 0, 6) });
    setRegister(made, REGISTER.STRTAB_BASE_CFG, { LOG2SIZE: 9, SPLIT: 8, FMT: 1 });
    writeWords(made.world, 0x70, 8, encode(L1STD, { Span: span, L2Ptr: pointerTo(STREAM_TABLE + 4, 0, 6) }));
    return made;
  }

  test('a two-level table leads to the same entry', () => {
    const made = twoLevel(9);

    dma(made, 'write');

    expect(frameWord(made)).toBe(0xd0d0);
  });

  test.each([
    ['S07', 'Span=0 covers nothing', 0],
    ['S09', 'Span above SPLIT+1 behaves as 0', 10],
  ])('%s: L1STD with %s: C_BAD_STREAMID', (_number, _rule, span) => {
    const made = twoLevel(span);

    dma(made, 'read');

    expectBad(made, EVENT.C_BAD_STREAMID);
  });

  test('S08: a StreamID beyond the span of 16 is C_BAD_STREAMID', () => {
    const made = twoLevel(5);
    const other = { ...made, link: createLink(made.world, 'nic0', made.smmu, 0x110) };

    dma(made, 'write');
    dma(other, 'read');

    expect(frameWord(made)).toBe(0xd0d0);
    expect(received(other)).toMatchObject([{ status: 'UR' }]);
    expect(events(made)).toMatchObject([{ EventID: EVENT.C_BAD_STREAMID, StreamID: 0x110 }]);
  });

  test('S10: an STE in a memory hole aborts and records F_STE_FETCH with its address', () => {
    const made = bench();
    setRegister(made, REGISTER.STRTAB_BASE, { ADDR: pointerTo(HOLE, 0, 6) });

    dma(made, 'read');

    // Stream 0x100 is 0x4000 bytes into the table, four pages; FetchAddr is address >> 3.
    expectBad(made, EVENT.F_STE_FETCH, { FetchAddr: (HOLE + 4) * 512 });
  });

  test('S11: STE.V=0 is C_BAD_STE', () => {
    const made = bench();
    setSte(made, { V: 0 });

    dma(made, 'read');

    expectBad(made, EVENT.C_BAD_STE, { SSV: 1, SubstreamID: SSID });
  });

  test('S12: STE.Config=0 aborts in silence', () => {
    const made = bench();
    setSte(made, { Config: STE_CONFIG.ABORT });

    dma(made, 'read');

    expect(received(made)).toMatchObject([{ status: 'UR' }]);
    expect(events(made)).toEqual([]);
  });

  test('S13: STE.Config=BYPASS passes an address without PASID as it is', () => {
    const made = bench();
    setSte(made, { Config: STE_CONFIG.BYPASS });

    dma(made, 'write', { ...addressOf(FRAME, 0x234), pasid: -1 });

    expect(readWord(made.world, FRAME, 0x234)).toBe(0xd0d0);
    expect(events(made)).toEqual([]);
  });

  test('S14: STE.Config=BYPASS with a PASID is C_BAD_SUBSTREAMID', () => {
    const made = bench();
    setSte(made, { Config: STE_CONFIG.BYPASS });

    dma(made, 'read');

    expectBad(made, EVENT.C_BAD_SUBSTREAMID, { SubstreamID: SSID });
  });

  test.each([
    ['S15: more CDs than PASIDs', { S1CDMax: 21 }],
    ['stage 2, which IDR0.S2P does not offer', { Config: STE_CONFIG.S1_S2_TRANSLATE }],
    ['a Secure-only STRW', { STRW: 1 }],
    ['split-stage ATS without stage 2', { EATS: STE_EATS.SPLIT_STAGE }],
  ])('%s is C_BAD_STE', (_rule, fields) => {
    const made = bench();
    setSte(made, fields);

    dma(made, 'read');

    expectBad(made, EVENT.C_BAD_STE);
  });
});

describe('context descriptors (A3)', () => {
  test('StreamID 0 has an entry of its own, not that of an empty cache line', () => {
    const made = bench();
    const first = { ...made, link: createLink(made.world, 'nic0', made.smmu, 0) };
    writeWords(made.world, STREAM_TABLE, 0, encode(STE, { V: 1, Config: STE_CONFIG.BYPASS }));

    dma(first, 'write', { ...addressOf(FRAME), pasid: -1 });

    expect(frameWord(made)).toBe(0xd0d0);
  });

  test.each([
    ['S16: substreams off', { S1CDMax: 0 }, SSID],
    ['S17: a PASID beyond the table', { S1CDMax: 4 }, 16],
  ])('%s: C_BAD_SUBSTREAMID', (_rule, fields, pasid) => {
    const made = bench();
    setSte(made, fields);

    dma(made, 'read', { pasid });

    expectBad(made, EVENT.C_BAD_SUBSTREAMID, { SubstreamID: pasid });
  });

  test('S18: S1DSS=TERMINATE and no PASID is F_STREAM_DISABLED', () => {
    const made = bench();
    setSte(made, { S1DSS: STE_S1DSS.TERMINATE });

    dma(made, 'read', { pasid: -1 });

    expectBad(made, EVENT.F_STREAM_DISABLED, { SSV: 0 });
  });

  test('S19: S1DSS=BYPASS and no PASID passes the address as it is, though no CD is valid', () => {
    const made = bench();
    setSte(made, { S1DSS: STE_S1DSS.BYPASS, S1ContextPtr: pointerTo(HOLE, 0, 6) });

    dma(made, 'write', { ...addressOf(FRAME), pasid: -1 });

    expect(frameWord(made)).toBe(0xd0d0);
  });

  test('S20: S1DSS=SSID0 and no PASID is translated by the first CD', () => {
    const made = bench();
    setCd(made, 0, {});

    dma(made, 'write', { pasid: -1 });

    expect(frameWord(made)).toBe(0xd0d0);
  });

  test('S21: S1DSS=SSID0 and PASID 0 is F_STREAM_DISABLED', () => {
    const made = bench();

    dma(made, 'read', { pasid: 0 });

    expectBad(made, EVENT.F_STREAM_DISABLED, { SSV: 1, SubstreamID: 0 });
  });

  test.each([STE_S1FMT.L2_4K, STE_S1FMT.L2_64K])('a two-level CD table of format %i leads to the same CD', (format) => {
    const made = bench();
    setSte(made, { S1Fmt: format, S1CDMax: 12, S1ContextPtr: pointerTo(0x70, 0, 6) });
    writeWords(made.world, 0x70, 0, encode(L1CD, { V: 1, L2Ptr: 0x80 }));

    dma(made, 'write');

    expect(frameWord(made)).toBe(0xd0d0);
  });

  test('the reserved format of a CD table behaves as linear', () => {
    const made = bench();
    setSte(made, { S1Fmt: 3 });

    dma(made, 'write');

    expect(frameWord(made)).toBe(0xd0d0);
  });

  test('S22: L1CD.V=0 is C_BAD_SUBSTREAMID, not C_BAD_CD', () => {
    const made = bench();
    setSte(made, { S1Fmt: STE_S1FMT.L2_4K, S1CDMax: 12, S1ContextPtr: pointerTo(0x70, 0, 6) });

    dma(made, 'read');

    expectBad(made, EVENT.C_BAD_SUBSTREAMID);
  });

  test('S23: a CD table in a memory hole is F_CD_FETCH', () => {
    const made = bench();
    setSte(made, { S1ContextPtr: pointerTo(HOLE, 0, 6) });

    dma(made, 'read');

    expectBad(made, EVENT.F_CD_FETCH, { FetchAddr: HOLE * 512 + SSID * 8 });
  });

  test.each([
    ['S24: V=0', { V: 0 }],
    ['S25: S=1 where the STE forbids stalls', { S: 1 }],
    ['S26: TTB0 beyond IPS', { IPS: 0, TTB0: pointerTo(2 ** 20, 0, 4) }],
    ['32-bit tables', { AA64: 0 }],
    ['big-endian tables', { ENDI: 1 }],
    ['pages of 64 KB', { TG0: 1 }],
    ['an input of more than 48 bits', { T0SZ: 15 }],
    ['HA without HTTU', { HA: 1 }],
  ])('a CD with %s is C_BAD_CD', (_rule, fields) => {
    const made = bench();
    setCd(made, SSID, fields);

    dma(made, 'read');

    expectBad(made, EVENT.C_BAD_CD, { SSV: 1, SubstreamID: SSID });
  });

  test('fields of the half that is switched off do not matter', () => {
    const made = bench();
    setCd(made, SSID, { EPD1: 1, T1SZ: 0, TG1: 3, TTB1: pointerTo(2 ** 36 - 1, 0, 4) });

    dma(made, 'write');

    expect(frameWord(made)).toBe(0xd0d0);
  });
});

describe('the walk (A4)', () => {
  test('S27: an address between the halves is F_TRANSLATION, caused by the input', () => {
    const made = bench();

    dma(made, 'read', { hi: 0x0001_0000, lo: 0 });

    expectBad(made, EVENT.F_TRANSLATION, { CLASS: FAULT_CLASS.IN, S2: 0 });
  });

  test('an address of the upper half is F_TRANSLATION, since EPD1 is set', () => {
    const made = bench();
    setCd(made, SSID, { T1SZ: 16 });

    dma(made, 'read', { hi: 0xffff_0000, lo: 0 });

    expectBad(made, EVENT.F_TRANSLATION, { InputAddr_HI: 0xffff_0000 });
  });

  test('the upper half is walked from TTB1 where EPD1 is clear', () => {
    const made = bench();
    setCd(made, SSID, { EPD1: 0, T1SZ: 16, TG1: 2, TTB1: pointerTo(ROOT, 0, 4) });

    dma(made, 'write', addressOf(2 ** 52 - 2 ** 36 + PAGE));

    expect(frameWord(made)).toBe(0xd0d0);
  });

  test('with TBI0 the top byte does not count', () => {
    const made = bench();
    setCd(made, SSID, { TBI0: 1 });
    const { hi, lo } = addressOf(PAGE);

    dma(made, 'write', { hi: (hi | 0xab00_0000) >>> 0, lo });

    expect(frameWord(made)).toBe(0xd0d0);
  });

  test('S28: no leaf: the read aborts, and F_TRANSLATION says what was wanted where', () => {
    const made = bench();
    setLeaf(made, { valid: 0 });
    const { hi, lo } = addressOf(PAGE, 0x124);

    dma(made, 'read', { hi, lo });

    const where = { InputAddr_HI: hi, InputAddr_LO: lo };
    expectBad(made, EVENT.F_TRANSLATION, { RnW: 1, PnU: 0, InD: 0, Stall: 0, SSV: 1, SubstreamID: SSID, ...where });
  });

  test('S29: with CD.R=0 it aborts without an event', () => {
    const made = bench();
    setCd(made, SSID, { R: 0 });
    setLeaf(made, { valid: 0 });

    dma(made, 'read');

    expect(received(made)).toMatchObject([{ status: 'UR' }]);
    expect(events(made)).toEqual([]);
  });

  test('S30: with CD.A=0 the read returns zero, and the event is recorded', () => {
    const made = bench();
    setCd(made, SSID, { A: 0 });
    setLeaf(made, { valid: 0 });

    dma(made, 'read');

    expect(received(made)).toMatchObject([{ status: 'success', data: 0 }]);
    expect(events(made)).toMatchObject([{ EventID: EVENT.F_TRANSLATION, Stall: 0 }]);
  });

  test('S32: a block at level 3 is F_TRANSLATION', () => {
    const made = bench();
    setLeaf(made, { type: 0 });

    dma(made, 'read');

    expectBad(made, EVENT.F_TRANSLATION);
  });

  test('S33: a table beyond IPS is F_ADDR_SIZE', () => {
    const made = bench();
    setCd(made, SSID, { IPS: 0 });
    setTable(made, 1, 2 ** 20);

    dma(made, 'read');

    expectBad(made, EVENT.F_ADDR_SIZE);
  });

  test('S34: a table in a memory hole is F_WALK_EABT with the descriptor address', () => {
    const made = bench();
    setTable(made, 1, HOLE);

    dma(made, 'read');

    expectBad(made, EVENT.F_WALK_EABT, { S2: 0, CLASS: FAULT_CLASS.TT, FetchAddr: HOLE * 512 + levelIndex(PAGE, 2) });
  });

  test('S35: AF=0 is F_ACCESS', () => {
    const made = bench();
    setLeaf(made, { AF: 0 });

    dma(made, 'read');

    expectBad(made, EVENT.F_ACCESS);
  });

  test('AF=0 does not matter with AFFD', () => {
    const made = bench();
    setCd(made, SSID, { AFFD: 1 });
    setLeaf(made, { AF: 0 });

    dma(made, 'write');

    expect(frameWord(made)).toBe(0xd0d0);
    expect(leafOf(made).AF).toBe(0);
  });

  test('S36: AF=0 with HA is set in memory, without an event', () => {
    const made = bench({ IDR0: { HTTU: 1 } });
    setCd(made, SSID, { HA: 1 });
    setLeaf(made, { AF: 0 });

    dma(made, 'read');

    expect(received(made)).toMatchObject([{ status: 'success' }]);
    expect(leafOf(made).AF).toBe(1);
    expect(events(made)).toEqual([]);
  });

  test('S37: a write to a read-only page is F_PERMISSION and has no effect', () => {
    const made = bench();
    setLeaf(made, { AP2: 1 });

    dma(made, 'write');

    expect(frameWord(made)).toBe(0);
    expect(received(made)).toEqual([]);
    expect(events(made)).toMatchObject([{ EventID: EVENT.F_PERMISSION, RnW: 0 }]);
  });

  test('S38: a privileged page is F_PERMISSION for users, and fine for a privileged request', () => {
    const made = bench();
    setLeaf(made, { AP1: 0 });

    dma(made, 'read');
    expectBad(made, EVENT.F_PERMISSION, { PnU: 0 });

    dma(made, 'read', { priv: 1 });
    expect(received(made)).toMatchObject([{ status: 'success' }]);
  });

  test('S38: what is cached for a privileged request does not serve users', () => {
    const made = bench();
    setLeaf(made, { AP1: 0 });
    dma(made, 'read', { priv: 1 });
    received(made);

    dma(made, 'read');

    expectBad(made, EVENT.F_PERMISSION, { PnU: 0 });
  });

  test('a table descriptor takes writing from all below it, unless HAD0 says that it does not count', () => {
    const made = bench({ IDR3: { HAD: 1 } });
    const table = { valid: 1, type: 1, APTable: 2, NextTable: TABLES[0] };
    writeWords(made.world, ROOT, levelIndex(PAGE, 0) * 8, encode(PTE_TABLE, table));

    dma(made, 'write');
    expect(events(made)).toMatchObject([{ EventID: EVENT.F_PERMISSION }]);

    setCd(made, SSID, { HAD0: 1 });
    command(made, cfgiCd(SSID), SYNC);
    dma(made, 'write');
    expect(frameWord(made)).toBe(0xd0d0);
  });

  test('S39: a writable-clean page is F_PERMISSION without HD; with HA and HD the write makes it dirty', () => {
    const made = bench({ IDR0: { HTTU: 2 } });
    setLeaf(made, { AP2: 1, DBM: 1 });

    dma(made, 'write');
    expect(events(made)).toMatchObject([{ EventID: EVENT.F_PERMISSION }]);

    setCd(made, SSID, { HA: 1, HD: 1 });
    command(made, cfgiCd(SSID), SYNC);
    dma(made, 'read');
    expect(leafOf(made).AP2).toBe(1);
    dma(made, 'write');
    expect(frameWord(made)).toBe(0xd0d0);
    expect(leafOf(made).AP2).toBe(0);
  });

  test('S40: an instruction fetch from a page with UXN is F_PERMISSION; a write is never one', () => {
    const made = bench();
    setLeaf(made, { AP2: 1 });

    dma(made, 'read', { exec: 1 });
    expectBad(made, EVENT.F_PERMISSION, { InD: 1, RnW: 1 });

    dma(made, 'write', { exec: 1 });
    expect(events(made)).toMatchObject([{ EventID: EVENT.F_PERMISSION, InD: 0, RnW: 0 }]);
  });

  test('S41: a clear access flag outranks a missing permission', () => {
    const made = bench();
    setLeaf(made, { AF: 0, AP2: 1 });

    dma(made, 'write');

    expect(events(made)).toMatchObject([{ EventID: EVENT.F_ACCESS }]);
  });

  test('S42: a block of 2 MB is one entry of the IOTLB, and its offset is kept', () => {
    const made = bench();
    const block = encode(PTE_LEAF, { valid: 1, type: 0, AP1: 1, AF: 1, nG: 1, OA: 0x200 });
    writeWords(made.world, TABLES[1], levelIndex(PAGE, 2) * 8, block);

    askTranslation(made);

    expect(translation(received(made)[0])).toMatchObject({ R: 1, W: 1, Addr: 0x200 + 359 });
    expect(entriesOf(made.world, iotlb(made.world, made.smmu))).toMatchObject([{ span: 9, output: 0x200 }]);
  });
});

describe('the event queue (A5)', () => {
  /** The queue holds its eight records, all of them faults. */
  function fullEventQueue(): Bench {
    const made = bench();
    setLeaf(made, { valid: 0 });
    for (let i = 0; i < 8; i++) dma(made, 'write');
    return made;
  }

  test('S43: a record that finds it full is dropped; OVFLG toggles once', () => {
    const made = fullEventQueue();

    dma(made, 'write');
    expect(registerField(made.world, made.smmu, REGISTER.EVENTQ_PROD, 'OVFLG')).toBe(1);
    dma(made, 'write');

    expect(registerField(made.world, made.smmu, REGISTER.EVENTQ_PROD, 'OVFLG')).toBe(1);
    expect(events(made)).toHaveLength(8);
  });

  test('S44: once there is room, records are written though the overflow is not acknowledged', () => {
    const made = fullEventQueue();
    dma(made, 'write');
    events(made);

    dma(made, 'write');

    expect(events(made)).toHaveLength(1);
  });

  test('it is a global error if no memory answers at the queue', () => {
    const made = bench();
    setRegister(made, REGISTER.EVENTQ_BASE, { ADDR: pointerTo(HOLE, 0, 5), LOG2SIZE: 3 });
    setLeaf(made, { valid: 0 });

    dma(made, 'write');

    expect(isErrorActive(made.world, made.smmu, 'EVENTQ_ABT_ERR')).toBe(true);
    expect(readRegister(made.world, made.smmu, REGISTER.EVENTQ_PROD)).toBe(0);
  });
});

describe('the command queue (A5, A6)', () => {
  function headError({ world, smmu }: Bench): number {
    return registerField(world, smmu, REGISTER.CMDQ_CONS, 'ERR');
  }

  test('S52: an unknown opcode stops the queue until GERRORN is toggled', () => {
    const made = bench();
    dma(made, 'write');

    command(made, [0xff, 0, 0, 0], tlbiVa(PAGE), SYNC);

    expect(registerField(made.world, made.smmu, REGISTER.CMDQ_CONS, 'RD')).toBe(0);
    expect(headError(made)).toBe(CERROR.ILL);
    expect(isErrorActive(made.world, made.smmu, 'CMDQ_ERR')).toBe(true);
    expect(entriesOf(made.world, iotlb(made.world, made.smmu))).toHaveLength(1);

    writeWords(made.world, CMDQ, 0, SYNC);
    writeRegister(made.world, made.smmu, REGISTER.GERRORN, readRegister(made.world, made.smmu, REGISTER.GERROR));
    settle(made);

    expect(registerField(made.world, made.smmu, REGISTER.CMDQ_CONS, 'RD')).toBe(3);
    expect(entriesOf(made.world, iotlb(made.world, made.smmu))).toEqual([]);
  });

  test('a command with SSec on the Non-secure queue is CERROR_ILL', () => {
    const made = bench();

    command(made, encode(CMD_CFGI_STE, { opcode: OPCODE.CFGI_STE, SSec: 1, StreamID: SID }));

    expect(headError(made)).toBe(CERROR.ILL);
  });

  test('a queue in a memory hole is CERROR_ABT', () => {
    const made = bench();
    setRegister(made, REGISTER.CMDQ_BASE, { ADDR: pointerTo(HOLE, 0, 5), LOG2SIZE: 3 });

    command(made, EVERYTHING);

    expect(headError(made)).toBe(CERROR.ABT);
  });

  test('CMD_SYNC writes its message once everything before it is done', () => {
    const made = bench();
    const address = { MSIAddress: pointerTo(0x70, 0x10, 2), MSIData: 0x1234_5678 };

    command(made, tlbiVa(PAGE), encode(CMD_SYNC, { opcode: OPCODE.SYNC, CS: 1, ...address }));

    expect(readWord(made.world, 0x70, 0x10)).toBe(0x1234_5678);
    expect(registerField(made.world, made.smmu, REGISTER.CMDQ_CONS, 'RD')).toBe(2);
  });

  test('a message that no memory takes is a global error, toggled once until software has seen it', () => {
    const made = bench();
    const sync = encode(CMD_SYNC, { opcode: OPCODE.SYNC, CS: 1, MSIAddress: pointerTo(HOLE, 0, 2) });

    command(made, sync, sync);

    expect(registerField(made.world, made.smmu, REGISTER.CMDQ_CONS, 'RD')).toBe(2);
    expect(isErrorActive(made.world, made.smmu, 'MSI_CMDQ_ABT_ERR')).toBe(true);
  });

  test('a base that is not aligned to its queue is taken as if it were', () => {
    const queueOfFourKilobytes = { log2Size: 8, bytes: 16 };
    const unaligned = pointerTo(CMDQ, 0x120, 5);

    const place = placeInQueue(unaligned, queueOfFourKilobytes.log2Size, queueOfFourKilobytes.bytes, 3);

    expect(place).toEqual({ page: CMDQ, offset: 48 });
  });

  test('S75: eight pushes fill a queue of eight, at index 0 with the wrap bit', () => {
    let prod = 0;
    for (let i = 0; i < 8; i++) {
      expect(isFull(prod, 0, 3)).toBe(false);
      prod = advance(prod, 3);
    }

    expect(prod).toBe(0b1000);
    expect(indexOf(prod, 3)).toBe(0);
    expect(isFull(prod, 0, 3)).toBe(true);
  });
});

describe('caches and their invalidation (A6)', () => {
  const OTHER_ROOT = 0x90;

  test('S53: an edited CD is used only after CFGI_CD', () => {
    const made = bench();
    dma(made, 'write');

    setCd(made, SSID, { TTB0: pointerTo(OTHER_ROOT, 0, 4), ASID: 0x22 });
    dma(made, 'write', { data: 2 });
    expect(frameWord(made)).toBe(2);

    command(made, cfgiCd(SSID), SYNC);
    dma(made, 'write', { data: 3 });
    expect(frameWord(made)).toBe(2);
    expect(events(made)).toMatchObject([{ EventID: EVENT.F_TRANSLATION }]);
  });

  test('S54: CFGI_CD of another PASID keeps it cached', () => {
    const made = bench();
    dma(made, 'write');

    setCd(made, SSID, { V: 0 });
    command(made, cfgiCd(SSID - 1), SYNC);
    dma(made, 'write', { data: 2 });

    expect(frameWord(made)).toBe(2);
  });

  test('S55: CFGI_STE drops every CD of the stream, but no translation', () => {
    const made = bench();
    dma(made, 'write');

    setCd(made, SSID, { V: 0 });
    command(made, CFGI_STE, SYNC);
    dma(made, 'read');

    expectBad(made, EVENT.C_BAD_CD);
    expect(entriesOf(made.world, iotlb(made.world, made.smmu))).toHaveLength(1);
  });

  test('S56: a removed page still translates until TLBI_NH_VA', () => {
    const made = bench();
    dma(made, 'write');

    setLeaf(made, { valid: 0 });
    dma(made, 'write', { data: 2 });
    expect(frameWord(made)).toBe(2);

    command(made, tlbiVa(PAGE), SYNC);
    dma(made, 'read');
    expectBad(made, EVENT.F_TRANSLATION);
  });

  test('S57: TLBI_NH_ASID keeps global translations and those of other address spaces', () => {
    const made = bench();
    setCd(made, 6, { ASID: 0x22 });
    dma(made, 'write');
    dma(made, 'write', { pasid: 6 });
    const global = encode(PTE_LEAF, { valid: 1, type: 1, AP1: 1, AF: 1, nG: 0, OA: FRAME + 1 });
    writeWords(made.world, TABLES[2], levelIndex(PAGE + 1, 3) * 8, global);
    dma(made, 'write', addressOf(PAGE + 1));

    command(made, encode(CMD_TLBI_NH_ASID, { opcode: OPCODE.TLBI_NH_ASID, ASID }), SYNC);

    const left = entriesOf(made.world, iotlb(made.world, made.smmu));
    expect(left.map(({ page, asid, global }) => ({ page, asid, global }))).toEqual(
      expect.arrayContaining([
        { page: PAGE, asid: 0x22, global: false },
        { page: PAGE + 1, asid: ASID, global: true },
      ]),
    );
    expect(left).toHaveLength(2);
  });

  test('S58: TLBI_NH_VA of another address space keeps the translation', () => {
    const made = bench();
    dma(made, 'write');

    setLeaf(made, { valid: 0 });
    command(made, tlbiVa(PAGE, 0x22), SYNC);
    dma(made, 'write', { data: 2 });

    expect(frameWord(made)).toBe(2);
  });

  test.each([
    ['(NUM+1) * 2^SCALE pages reach it', { Address: PAGE - 6, NUM: 2, SCALE: 2 }, 0],
    ['the run ends before it', { Address: PAGE - 8, NUM: 1, SCALE: 2 }, 1],
  ])('TLBI_NH_VA with a range: %s', (_rule, fields, left) => {
    const made = bench();
    dma(made, 'write');

    command(made, encode(CMD_TLBI_NH_VA, { opcode: OPCODE.TLBI_NH_VA, ASID, TG: 1, TTL: 3, ...fields }), SYNC);

    expect(entriesOf(made.world, iotlb(made.world, made.smmu))).toHaveLength(left);
  });

  test('a TLBI_NH_VA whose range is empty is CERROR_ILL', () => {
    const made = bench();

    command(made, encode(CMD_TLBI_NH_VA, { opcode: OPCODE.TLBI_NH_VA, ASID, TG: 1 }));

    expect(registerField(made.world, made.smmu, REGISTER.CMDQ_CONS, 'ERR')).toBe(CERROR.ILL);
  });
});

describe('ATS (A9)', () => {
  test('S59: with EATS off a Translation Request gets UR, and F_BAD_ATS_TREQ is recorded', () => {
    const made = bench();
    setSte(made, { EATS: STE_EATS.DISABLED });

    askTranslation(made);

    expect(received(made)).toMatchObject([{ kind: 'translation-completion', status: 'UR' }]);
    expect(events(made)).toMatchObject([{ EventID: EVENT.F_BAD_ATS_TREQ, W: 1 }]);
  });

  test('a stream that bypasses translation has none to hand out: UR, and F_BAD_ATS_TREQ', () => {
    const made = bench();
    setSte(made, { Config: STE_CONFIG.BYPASS });

    askTranslation(made, { pasid: -1 });

    expect(received(made)).toMatchObject([{ status: 'UR' }]);
    expect(events(made)).toMatchObject([{ EventID: EVENT.F_BAD_ATS_TREQ, SSV: 0 }]);
  });

  test('S60: STE.V=0 gets CA; it is recorded only with REC_CFG_ATS', () => {
    const made = bench();
    setSte(made, { V: 0 });

    askTranslation(made);
    expect(received(made)).toMatchObject([{ status: 'CA' }]);
    expect(events(made)).toEqual([]);

    setRegister(made, REGISTER.CR2, { RECINVSID: 1, REC_CFG_ATS: 1 });
    askTranslation(made);
    expect(events(made)).toMatchObject([{ EventID: EVENT.C_BAD_STE }]);
  });

  test('a stream whose STE aborts gets UR in silence', () => {
    const made = bench();
    setSte(made, { Config: STE_CONFIG.ABORT });

    askTranslation(made);

    expect(received(made)).toMatchObject([{ status: 'UR' }]);
    expect(events(made)).toEqual([]);
  });

  test('S61: a page that is not mapped is Success with R=W=0, and no event', () => {
    const made = bench();
    setLeaf(made, { valid: 0 });

    askTranslation(made, { tag: 3 });

    const [answer] = received(made);
    expect(answer).toMatchObject({ kind: 'translation-completion', status: 'success', tag: 3, pasid: SSID });
    expect(translation(answer)).toMatchObject({ R: 0, W: 0, U: 0 });
    expect(events(made)).toEqual([]);
  });

  test('a mapped page is granted with the wire body of the golden example', () => {
    const made = bench();

    askTranslation(made);

    expect(received(made)).toMatchObject([{ status: 'success', hi: 0, lo: 0x0009_a003 }]);
  });

  test('S62: a read-only page is granted for reading', () => {
    const made = bench();
    setLeaf(made, { AP2: 1 });

    askTranslation(made);

    expect(translation(received(made)[0])).toMatchObject({ R: 1, W: 0, Addr: FRAME });
  });

  test('S63: execution is granted only where it was asked for', () => {
    const made = bench();
    setLeaf(made, { AP2: 1, UXN: 0 });

    askTranslation(made, { exec: 1 });
    askTranslation(made, { exec: 0 });

    const [asked, unasked] = received(made);
    expect(translation(asked)).toMatchObject({ R: 1, Exe: 1 });
    expect(translation(unasked)).toMatchObject({ R: 1, Exe: 0 });
  });

  test('S64: Global is 0 even for a global page', () => {
    const made = bench();
    setLeaf(made, { nG: 0 });

    askTranslation(made);

    expect(translation(received(made)[0])).toMatchObject({ R: 1, Global: 0 });
  });

  test('NW=1 dirties nothing, NW=0 does, where hardware keeps the dirty state', () => {
    const made = bench({ IDR0: { HTTU: 2 } });
    setCd(made, SSID, { HA: 1, HD: 1 });
    setLeaf(made, { AP2: 1, DBM: 1 });

    askTranslation(made, { noWrite: 1 });
    expect(translation(received(made)[0])).toMatchObject({ R: 1, W: 0 });
    expect(leafOf(made).AP2).toBe(1);

    askTranslation(made, { noWrite: 0 });
    expect(translation(received(made)[0])).toMatchObject({ R: 1, W: 1 });
    expect(leafOf(made).AP2).toBe(0);
  });

  test('S1DSS=BYPASS grants the address itself to a request without PASID', () => {
    const made = bench();
    setSte(made, { S1DSS: STE_S1DSS.BYPASS });

    askTranslation(made, { ...addressOf(FRAME), pasid: -1, exec: 0 });

    expect(translation(received(made)[0])).toMatchObject({ R: 1, W: 1, U: 0, Exe: 0, Priv: 0, Addr: FRAME });
  });

  test('S65: a translated write passes unchecked with ATSCHK=0, and is forbidden with ATSCHK=1 and EATS off', () => {
    const made = bench();
    setSte(made, { EATS: STE_EATS.DISABLED });

    dma(made, 'write', { ...addressOf(FRAME), at: 'translated' });
    expect(frameWord(made)).toBe(0xd0d0);

    setRegister(made, REGISTER.CR0, { ...ENABLES, ATSCHK: 1 });
    settle(made);
    dma(made, 'write', { ...addressOf(FRAME), at: 'translated', data: 2 });
    expect(frameWord(made)).toBe(0xd0d0);
    expect(events(made)).toMatchObject([{ EventID: EVENT.F_TRANSL_FORBIDDEN, RnW: 0 }]);
  });

  test('with ATSCHK=1 and EATS on a translated write passes', () => {
    const made = bench();
    setRegister(made, REGISTER.CR0, { ...ENABLES, ATSCHK: 1 });
    settle(made);

    dma(made, 'write', { ...addressOf(FRAME), at: 'translated' });

    expect(frameWord(made)).toBe(0xd0d0);
  });

  test('S73: an invalidation that nobody answers fails the CMD_SYNC, which stays and signals nothing', () => {
    const made = bench();
    const address = { MSIAddress: pointerTo(0x70, 0, 2), MSIData: 1 };
    const atcInv = encode(CMD_ATC_INV, {
      opcode: OPCODE.ATC_INV,
      SSV: 1,
      SubstreamID: SSID,
      StreamID: SID,
      Address: PAGE,
    });
    command(made, atcInv, encode(CMD_SYNC, { opcode: OPCODE.SYNC, CS: 1, ...address }));
    expect(registerField(made.world, made.smmu, REGISTER.CMDQ_CONS, 'RD')).toBe(1);

    expireInvalidations(made.world, made.link);
    settle(made);

    expect(registerField(made.world, made.smmu, REGISTER.CMDQ_CONS, 'ERR')).toBe(CERROR.ATC_INV_SYNC);
    expect(registerField(made.world, made.smmu, REGISTER.CMDQ_CONS, 'RD')).toBe(1);
    expect(readWord(made.world, 0x70, 0)).toBe(0);
  });

  test('CMD_SYNC waits for the completion of an invalidation, which frees its ITag', () => {
    const made = bench();
    const atcInv = encode(CMD_ATC_INV, {
      opcode: OPCODE.ATC_INV,
      SSV: 1,
      SubstreamID: SSID,
      StreamID: SID,
      Address: PAGE,
    });
    command(made, atcInv, SYNC);
    const request = popDown(made.world, made.link);
    expect(request).toMatchObject({ kind: 'invalidate-request', pasid: SSID, tag: 0 });
    expect(decode(INV_REQ_BODY, [request.lo, request.hi])).toEqual({ G: 0, S: 0, Addr: PAGE });
    expect(registerField(made.world, made.smmu, REGISTER.CMDQ_CONS, 'RD')).toBe(1);

    send(made, { kind: 'invalidate-completion', tag: 1 });
    expect(registerField(made.world, made.smmu, REGISTER.CMDQ_CONS, 'RD')).toBe(1);
    send(made, { kind: 'invalidate-completion', tag: request.tag });

    expect(registerField(made.world, made.smmu, REGISTER.CMDQ_CONS, 'RD')).toBe(2);
  });

  test.each([52, 60])('S74: ATC_INV with Size=%i asks for every page of that PASID', (Size) => {
    const made = bench();
    const all = { Size, Address: PAGE, SSV: 1, SubstreamID: SSID, StreamID: SID };

    command(made, encode(CMD_ATC_INV, { opcode: OPCODE.ATC_INV, ...all }));

    const [request] = received(made);
    expect(request).toMatchObject({ pasid: SSID });
    const body = decode(INV_REQ_BODY, [request?.lo ?? 0, request?.hi ?? 0]);
    expect(decodePages(body)).toEqual({ page: 0, span: 52 });
  });

  test('commands to devices are ignored while translation is off', () => {
    const made = off(0);
    const to = { StreamID: SID, SSV: 1, SubstreamID: SSID };

    command(
      made,
      encode(CMD_ATC_INV, { opcode: OPCODE.ATC_INV, ...to }),
      encode(CMD_PRI_RESP, { opcode: OPCODE.PRI_RESP, ...to, Resp: 2 }),
      SYNC,
    );

    expect(received(made)).toEqual([]);
    expect(registerField(made.world, made.smmu, REGISTER.CMDQ_CONS, 'RD')).toBe(3);
  });
});

describe('PRI (A8)', () => {
  /** The queue holds its eight requests. */
  function fullPriQueue(ste: Parameters<typeof setSte>[1] = {}): Bench {
    const made = bench();
    setSte(made, ste);
    for (let i = 0; i < 8; i++) askPage(made, { L: 0 });
    return made;
  }

  function overflow({ world, smmu }: Bench): number {
    return registerField(world, smmu, REGISTER.PRIQ_PROD, 'OVFLG');
  }

  test('a page request is written to the queue bit by bit, and interrupts', () => {
    const made = bench();

    askPage(made, {}, { priv: 1 });

    expect(pageRequests(made)).toEqual([
      { StreamID: SID, SubstreamID: SSID, SSV: 1, Priv: 1, X: 0, R: 1, W: 1, Last: 1, PRGIndex: 7, PageAddr: PAGE },
    ]);
    expect(received(made)).toEqual([]);
  });

  test('S66: it is queued though EATS is off', () => {
    const made = bench();
    setSte(made, { EATS: STE_EATS.DISABLED });

    askPage(made);

    expect(pageRequests(made)).toHaveLength(1);
  });

  test.each([
    ['S67: with PPAR the answer carries the PASID', { PPAR: 1 }, SSID, 0],
    ['S68: without PPAR it does not', { PPAR: 0 }, -1, 0],
    ['S69: with STE.V=0 it is Response Failure', { V: 0 }, -1, 15],
  ])('%s when the last request finds the queue full', (_rule, ste, pasid, code) => {
    const made = fullPriQueue(ste);

    askPage(made, { PRGI: 9 });

    const [answer] = received(made);
    expect(answer).toMatchObject({ kind: 'page-response', pasid });
    expect(response(answer)).toMatchObject({ PRGI: 9, RespCode: code });
    expect(overflow(made)).toBe(1);
    expect(pageRequests(made)).toHaveLength(8);
    expect(events(made)).toEqual([]);
  });

  test('with IDR3.PPS the answer carries the PASID whatever the STE says', () => {
    const made = bench({ IDR3: { PPS: 1 } });
    for (let i = 0; i < 8; i++) askPage(made, { L: 0 });

    askPage(made);

    expect(received(made)).toMatchObject([{ kind: 'page-response', pasid: SSID }]);
  });

  test.each([
    ['a request that is not the last', { L: 0 }],
    ['a Stop Marker', { R: 0, W: 0 }],
  ])('S70: %s is dropped without an answer when the queue is full', (_rule, body) => {
    const made = fullPriQueue();

    askPage(made, body);

    expect(received(made)).toEqual([]);
    expect(overflow(made)).toBe(1);
    expect(pageRequests(made)).toHaveLength(8);
  });

  test('S71: nothing is queued until the overflow is acknowledged, though there is room', () => {
    const made = fullPriQueue();
    askPage(made, { L: 0 });
    pageRequests(made);

    askPage(made, { L: 0 });
    expect(pageRequests(made)).toEqual([]);

    acknowledge(made, 'PRIQ');
    askPage(made, { L: 0 });
    expect(pageRequests(made)).toHaveLength(1);
  });

  test.each([
    [2, 0],
    [1, 1],
    [0, 15],
  ])('S72: CMD_PRI_RESP with Resp=%i is %i on the wire', (Resp, code) => {
    const made = bench();
    const to = { StreamID: SID, SSV: 1, SubstreamID: SSID, PRGIndex: 7 };

    command(made, encode(CMD_PRI_RESP, { opcode: OPCODE.PRI_RESP, ...to, Resp }));

    const [answer] = received(made);
    expect(answer).toMatchObject({ kind: 'page-response', pasid: SSID });
    expect(response(answer)).toEqual({ PRGI: 7, RespCode: code, DestDeviceID: SID });
  });

  test('S72: CMD_PRI_RESP with Resp=3 is CERROR_ILL', () => {
    const made = bench();

    command(made, encode(CMD_PRI_RESP, { opcode: OPCODE.PRI_RESP, StreamID: SID, Resp: 3 }));

    expect(registerField(made.world, made.smmu, REGISTER.CMDQ_CONS, 'ERR')).toBe(CERROR.ILL);
    expect(received(made)).toEqual([]);
  });
});
