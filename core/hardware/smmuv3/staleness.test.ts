/** Words changed behind everybody's back: hardware keeps to what it has read, until the right invalidation. */
import { describe, expect, test } from 'vitest';
import { actors, enabled, nextStep, perform } from '../../sim/actor.ts';
import { readWord, writeWords } from '../../world/memory.ts';
import { SRAM_FIRST } from '../../world/page-frame.ts';
import { recount } from '../../world/recount.ts';
import { startJournal } from '../../world/world.ts';
import { linesOf } from '../config-cache.ts';
import { isPending } from '../irq.ts';
import { encode } from '../layout.ts';
import { createLink, sendUp } from '../pcie/link.ts';
import { entriesOf } from '../tlb.ts';
import { CMD_CFGI_CD, CMD_CFGI_STE, CMD_CFGI_STE_RANGE, CMD_SYNC, CMD_TLBI_NH_VA, OPCODE } from './commands.layout.ts';
import { EVENT } from './events.layout.ts';
import { REGISTER } from './registers.layout.ts';
import { isEnabled, readRegister, registerField, writeRegister } from './registers.ts';
import { cdCache, iotlb, SMMU_SRAM_PAGES, smmus, steCache } from './smmu.ts';
import { STE, STE_CONFIG } from './stream-table.layout.ts';
import {
  ASID,
  addressOf,
  askPage,
  askTranslation,
  type Bench,
  bench,
  CD_TABLE,
  CMDQ,
  command,
  dma,
  events,
  FRAME,
  PAGE,
  received,
  SID,
  SSID,
  STREAM_TABLE,
  setCd,
  setLeaf,
  setSte,
  settle,
} from './testing.ts';

const SYNC = encode(CMD_SYNC, { opcode: OPCODE.SYNC });
const CFGI_CD = encode(CMD_CFGI_CD, { opcode: OPCODE.CFGI_CD, StreamID: SID, SubstreamID: SSID, Leaf: 1 });
const CFGI_STE = encode(CMD_CFGI_STE, { opcode: OPCODE.CFGI_STE, StreamID: SID, Leaf: 1 });
const CFGI_ALL = encode(CMD_CFGI_STE_RANGE, { opcode: OPCODE.CFGI_STE_RANGE, Range: 31 });
const TLBI = encode(CMD_TLBI_NH_VA, { opcode: OPCODE.TLBI_NH_VA, ASID, Address: PAGE, Leaf: 1 });

/** Writes once and says which event, if any, came of it. */
function eventOfWrite(made: Bench): number | null {
  dma(made, 'write');
  return events(made)[0]?.['EventID'] ?? null;
}

describe('a changed word is not seen before its invalidation', () => {
  test.each([
    ['CD.V', (made: Bench) => setCd(made, SSID, { V: 0 }), TLBI, CFGI_CD, EVENT.C_BAD_CD],
    ['bit 0 of the PTE', (made: Bench) => setLeaf(made, { valid: 0 }), CFGI_ALL, TLBI, EVENT.F_TRANSLATION],
    ['STE.V', (made: Bench) => setSte(made, { V: 0 }), TLBI, CFGI_STE, EVENT.C_BAD_STE],
    ['STE.S1CDMax', (made: Bench) => setSte(made, { S1CDMax: 0 }), CFGI_CD, CFGI_ALL, EVENT.C_BAD_SUBSTREAMID],
  ])('%s', (_word, change, wrong, right, event) => {
    const made = bench();
    expect(eventOfWrite(made)).toBe(null);

    change(made);
    expect(eventOfWrite(made)).toBe(null);
    command(made, wrong, SYNC);
    expect(eventOfWrite(made)).toBe(null);
    command(made, right, SYNC);
    expect(eventOfWrite(made)).toBe(event);
  });

  test('STE.Config', () => {
    const made = bench();
    dma(made, 'write', { data: 1 });

    setSte(made, { Config: STE_CONFIG.ABORT });
    dma(made, 'write', { data: 2 });
    expect(readWord(made.world, FRAME, 0)).toBe(2);

    command(made, CFGI_STE, SYNC);
    dma(made, 'write', { data: 3 });
    expect(readWord(made.world, FRAME, 0)).toBe(2);
  });

  test('a CD that was invalid stays so until CFGI_CD: software invalidates both ways', () => {
    const made = bench();
    setCd(made, SSID, { V: 0 });
    expect(eventOfWrite(made)).toBe(EVENT.C_BAD_CD);

    setCd(made, SSID, {});
    expect(eventOfWrite(made)).toBe(EVENT.C_BAD_CD);

    command(made, CFGI_CD, SYNC);
    expect(eventOfWrite(made)).toBe(null);
  });

  test('a page that was missing is found at once: the IOTLB keeps no refusals', () => {
    const made = bench();
    setLeaf(made, { valid: 0 });
    expect(eventOfWrite(made)).toBe(EVENT.F_TRANSLATION);

    setLeaf(made, {});
    expect(eventOfWrite(made)).toBe(null);
  });

  test('a page that was read-only is found writable at once', () => {
    const made = bench();
    setLeaf(made, { AP2: 1 });
    askTranslation(made, { noWrite: 1 });
    expect(entriesOf(made.world, iotlb(made.world, made.smmu))).toHaveLength(1);

    setLeaf(made, { AP2: 0 });
    expect(eventOfWrite(made)).toBe(null);
  });

  test('EPD0 stops walks, not translations that are cached', () => {
    const made = bench();
    dma(made, 'write');

    setCd(made, SSID, { EPD0: 1 });
    command(made, CFGI_CD, SYNC);
    expect(eventOfWrite(made)).toBe(null);

    command(made, TLBI, SYNC);
    expect(eventOfWrite(made)).toBe(EVENT.F_TRANSLATION);
  });
});

describe('registers are seen at once', () => {
  test('CMDQ_PROD: commands beyond it are not looked at', () => {
    const made = bench();
    dma(made, 'write');
    writeWords(made.world, CMDQ, 0, TLBI);
    settle(made);
    expect(entriesOf(made.world, iotlb(made.world, made.smmu))).toHaveLength(1);

    writeRegister(made.world, made.smmu, REGISTER.CMDQ_PROD, 1);
    settle(made);
    expect(entriesOf(made.world, iotlb(made.world, made.smmu))).toEqual([]);
  });

  test('CR0 counts once CR0ACK shows it', () => {
    const made = bench();

    writeRegister(made.world, made.smmu, REGISTER.CR0, 0);
    expect(isEnabled(made.world, made.smmu, 'SMMUEN')).toBe(true);
    settle(made);

    expect(isEnabled(made.world, made.smmu, 'SMMUEN')).toBe(false);
    expect(readRegister(made.world, made.smmu, REGISTER.CR0ACK)).toBe(0);
  });

  test('CR0ACK shows only what this SMMU has', () => {
    const made = bench();

    writeRegister(made.world, made.smmu, REGISTER.CR0, 0x1ff);
    settle(made);

    expect(readRegister(made.world, made.smmu, REGISTER.CR0ACK)).toBe(0x1f);
  });

  test('a page request interrupts when the queue was empty, and only if the interrupt is enabled', () => {
    const made = bench();
    const { priIrq } = smmus.get(made.world, made.smmu);
    writeRegister(made.world, made.smmu, REGISTER.IRQ_CTRL, 0);
    settle(made);
    askPage(made);
    expect(isPending(made.world, priIrq)).toBe(false);

    const again = bench();
    askPage(again);
    expect(isPending(again.world, smmus.get(again.world, again.smmu).priIrq)).toBe(true);
  });
});

describe('an invalidation that overtakes a translation', () => {
  /** Lets the translation unit move until its next step has this label. */
  function moveUnitTo(made: Bench, label: string): void {
    const unit = actors.first(made.world, (actor) => actor.name === 'smmu0 translation unit');
    for (let steps = 0; steps < 20; steps++) {
      const actor = actors.get(made.world, unit?.id ?? -1);
      if (nextStep(actor)?.label === label) return;
      perform(made.world, actor.id);
    }
    expect.unreachable(`the unit comes to ${label}`);
  }

  /** Lets everybody but the translation unit come to rest. */
  function settleOthers(made: Bench): void {
    const moves = () =>
      enabled(made.world).filter(({ actor }) => actors.get(made.world, actor).name !== 'smmu0 translation unit');
    for (let [move] = moves(); move !== undefined; [move] = moves()) perform(made.world, move.actor);
  }

  function push(made: Bench, ...commands: Uint32Array[]): void {
    commands.forEach((words, index) => {
      writeWords(made.world, CMDQ, index * 16, words);
    });
    writeRegister(made.world, made.smmu, REGISTER.CMDQ_PROD, commands.length);
  }

  test('CMD_SYNC waits until a write that uses the old translation has reached memory', () => {
    const made = bench();
    sendUp(made.world, made.link, { kind: 'write', pasid: SSID, ...addressOf(PAGE), bytes: 4, data: 7 });
    moveUnitTo(made, 'access');

    setLeaf(made, { valid: 0 });
    push(made, TLBI, SYNC);
    settleOthers(made);
    expect(registerField(made.world, made.smmu, REGISTER.CMDQ_CONS, 'RD')).toBe(1);
    expect(readWord(made.world, FRAME, 0)).toBe(0);

    settle(made);
    expect(registerField(made.world, made.smmu, REGISTER.CMDQ_CONS, 'RD')).toBe(2);
    expect(readWord(made.world, FRAME, 0)).toBe(7);
  });

  test('a walk that was under way leaves nothing in the IOTLB', () => {
    const made = bench();
    sendUp(made.world, made.link, { kind: 'translation-request', pasid: SSID, ...addressOf(PAGE) });
    moveUnitTo(made, 'walk');

    push(made, TLBI, SYNC);
    settleOthers(made);
    settle(made);

    expect(received(made)).toMatchObject([{ status: 'success' }]);
    expect(entriesOf(made.world, iotlb(made.world, made.smmu))).toEqual([]);
  });

  test.each([
    ['the CD is used once more, and then read again', 'lookup', 1],
    ['the STE is used once more, and then read again', 'config', 1],
  ])('%s', (_rule, label, data) => {
    const made = bench();
    sendUp(made.world, made.link, { kind: 'write', pasid: SSID, ...addressOf(PAGE), bytes: 4, data });
    moveUnitTo(made, label);

    setSte(made, { Config: STE_CONFIG.ABORT });
    push(made, CFGI_STE, SYNC);
    settleOthers(made);
    settle(made);
    expect(readWord(made.world, FRAME, 0)).toBe(data);
    expect(linesOf(made.world, steCache(made.world, made.smmu))).toEqual([]);
    expect(linesOf(made.world, cdCache(made.world, made.smmu))).toEqual([]);

    dma(made, 'write', { data: 99 });
    expect(readWord(made.world, FRAME, 0)).toBe(data);
  });

  test('a CMD_SYNC without an invalidation before it waits for nobody', () => {
    const made = bench();
    sendUp(made.world, made.link, { kind: 'write', pasid: SSID, ...addressOf(PAGE), bytes: 4, data: 7 });
    moveUnitTo(made, 'walk');

    push(made, SYNC);
    settleOthers(made);

    expect(registerField(made.world, made.smmu, REGISTER.CMDQ_CONS, 'RD')).toBe(1);
  });
});

describe('caches are small', () => {
  test('an STE that no longer fits is read again', () => {
    const made = bench();
    dma(made, 'write', { data: 1 });
    setSte(made, { Config: STE_CONFIG.ABORT });
    dma(made, 'write', { data: 2 });

    // Four more StreamIDs of the same set of the cache, with the same CDs.
    for (const sid of [0x108, 0x110, 0x118, 0x120]) {
      const ste = encode(STE, { V: 1, Config: STE_CONFIG.S1_TRANSLATE, S1CDMax: 4, S1ContextPtr: CD_TABLE * 64 });
      writeWords(made.world, STREAM_TABLE + (sid >>> 6), (sid & 63) * STE.size, ste);
      dma({ ...made, link: createLink(made.world, `nic ${sid}`, made.smmu, sid) }, 'write', { data: sid });
      expect(readWord(made.world, FRAME, 0)).toBe(sid);
    }
    dma(made, 'write', { data: 3 });

    expect(readWord(made.world, FRAME, 0)).toBe(0x120);
    expect(linesOf(made.world, steCache(made.world, made.smmu))).toHaveLength(4);
  });

  test('what transactions leave behind is only what is cached', () => {
    const made = bench();
    askTranslation(made);
    received(made);
    command(made, CFGI_ALL, TLBI, SYNC);

    const written = Array.from({ length: SMMU_SRAM_PAGES }, (_, page) =>
      Array.from({ length: 1024 }, (__, word) => readWord(made.world, SRAM_FIRST + page, word * 4)),
    );
    expect(written.flat().filter((word) => word !== 0)).toEqual([]);
  });
});

test('every step can be undone and done again, and the fingerprint keeps pace', () => {
  const made = bench();
  const before = made.world.fingerprint();
  const journal = startJournal(made.world);
  made.world.openStep();

  askTranslation(made);
  askPage(made);
  setLeaf(made, { valid: 0 });
  command(made, TLBI, SYNC);
  dma(made, 'write');
  const after = made.world.fingerprint();
  expect(recount(made.world)).toEqual(after);

  while (journal.at > 0) made.world.back();
  expect(made.world.fingerprint()).toEqual(before);
  while (journal.at < journal.steps) made.world.forward();
  expect(made.world.fingerprint()).toEqual(after);
});
