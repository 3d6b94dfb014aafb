import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PTE_LEAF, PTE_TABLE } from './arm64/descriptor.layout.ts';
import { decode, encode, type Layout } from './layout.ts';
import * as pcie from './pcie/messages.layout.ts';
import { PTE as RISCV_PTE } from './riscv/pte.layout.ts';
import * as riscvCommands from './riscv-iommu/commands.layout.ts';
import * as deviceDirectory from './riscv-iommu/device-directory.layout.ts';
import * as processDirectory from './riscv-iommu/process-directory.layout.ts';
import * as riscvQueues from './riscv-iommu/queues.layout.ts';
import { MSI_CFG, MSI_CFG_TABLE, REGISTERS as RISCV_REGISTERS } from './riscv-iommu/registers.layout.ts';
import * as commands from './smmuv3/commands.layout.ts';
import { CD, L1CD } from './smmuv3/context.layout.ts';
import * as events from './smmuv3/events.layout.ts';
import { PRIQ_ENTRY } from './smmuv3/pri-queue.layout.ts';
import { REGISTER, REGISTERS } from './smmuv3/registers.layout.ts';
import { L1STD, STE } from './smmuv3/stream-table.layout.ts';
import references from './testdata/hardware-fields.json' with { type: 'json' };
import examples from './testdata/hardware-golden.json' with { type: 'json' };

/** Every structure of the reference, by its name there. */
const LAYOUTS: Record<string, Layout> = {
  'smmu.L1STD': L1STD,
  'smmu.STE': STE,
  'smmu.L1CD': L1CD,
  'smmu.CD': CD,
  'smmu.CMD_CFGI_STE': commands.CMD_CFGI_STE,
  'smmu.CMD_CFGI_STE_RANGE': commands.CMD_CFGI_STE_RANGE,
  'smmu.CMD_CFGI_CD': commands.CMD_CFGI_CD,
  'smmu.CMD_CFGI_CD_ALL': commands.CMD_CFGI_CD_ALL,
  'smmu.CMD_TLBI_NH_ASID': commands.CMD_TLBI_NH_ASID,
  'smmu.CMD_TLBI_NH_VA': commands.CMD_TLBI_NH_VA,
  'smmu.CMD_ATC_INV': commands.CMD_ATC_INV,
  'smmu.CMD_PRI_RESP': commands.CMD_PRI_RESP,
  'smmu.CMD_RESUME': commands.CMD_RESUME,
  'smmu.CMD_STALL_TERM': commands.CMD_STALL_TERM,
  'smmu.CMD_SYNC': commands.CMD_SYNC,
  'smmu.EVT_TRANSLATION_CLASS': events.EVT_TRANSLATION_CLASS,
  'smmu.EVT_CONFIG': events.EVT_CONFIG,
  'smmu.EVT_FETCH': events.EVT_FETCH,
  'smmu.EVT_BAD_ATS_TREQ': events.EVT_BAD_ATS_TREQ,
  'smmu.PRIQ_ENTRY': PRIQ_ENTRY,
  'arm64.PTE_leaf_4K': PTE_LEAF,
  'arm64.PTE_table': PTE_TABLE,
  'riscv.PTE': RISCV_PTE,
  'riscv.DDTE_nonleaf': deviceDirectory.DDTE_NONLEAF,
  'riscv.DC_base': deviceDirectory.DC_BASE,
  'riscv.DC_extended': deviceDirectory.DC_EXTENDED,
  'riscv.PDTE_nonleaf': processDirectory.PDTE_NONLEAF,
  'riscv.PC': processDirectory.PC,
  'riscv.CMD_IOTINVAL': riscvCommands.CMD_IOTINVAL,
  'riscv.CMD_IOFENCE_C': riscvCommands.CMD_IOFENCE_C,
  'riscv.CMD_IODIR': riscvCommands.CMD_IODIR,
  'riscv.CMD_ATS': riscvCommands.CMD_ATS,
  'riscv.FQ_RECORD': riscvQueues.FQ_RECORD,
  'riscv.PQ_RECORD': riscvQueues.PQ_RECORD,
  'pcie.PASID_PREFIX': pcie.PASID_PREFIX,
  'pcie.PAGE_REQUEST_BODY': pcie.PAGE_REQUEST_BODY,
  'pcie.PRG_RESPONSE_BODY': pcie.PRG_RESPONSE_BODY,
  'pcie.ATS_COMPLETION': pcie.ATS_COMPLETION,
  'pcie.INV_REQ_BODY': pcie.INV_REQ_BODY,
  'pcie.INV_CPL_BODY': pcie.INV_CPL_BODY,
};

const WIDEST_FIELD = 53;
const RESERVED_OPCODES = [0x00, 0x18, 0x42, 0x50, 0x70, 0x90, 0xff];
const registers = [...REGISTERS, ...RISCV_REGISTERS];
const everyLayout = [...Object.values(LAYOUTS), ...registers.map(({ layout }) => layout), MSI_CFG, ...othersById()];

test('it knows every structure of the reference, and no other by such a name', () => {
  expect(Object.keys(LAYOUTS).sort()).toEqual(Object.keys(references).sort());
});

describe.each(Object.entries(references))('%s', (name, reference) => {
  test('has the fields of the reference, bit for bit', () => {
    const layout = layoutOf(name);

    expect(layout.size).toBe(reference.bytes);
    expect(Object.values(layout.fields).map(({ name, lo, hi }) => ({ name, lo, hi }))).toEqual(
      reference.fields.flatMap(({ name, lo, hi }) => splitWide({ name, lo, hi })),
    );
  });
});

describe.each(examples)('$struct: $desc', ({ struct, values, qwords_le }) => {
  const layout = layoutOf(struct);
  const fields = Object.fromEntries(Object.entries(values).flatMap(([name, value]) => splitValue(layout, name, value)));
  const words = qwords_le.flatMap(splitWord);

  test('encodes to its words', () => {
    expect([...encode(layout, fields)]).toEqual(words);
  });

  test('decodes to its fields', () => {
    const zeroes = Object.fromEntries(Object.keys(layout.fields).map((name) => [name, 0]));
    expect(decode(layout, words)).toEqual({ ...zeroes, ...fields });
  });
});

test('every defined bit survives decoding and encoding, and no other', () => {
  for (const layout of everyLayout) {
    const defined = encode(layout, decode(layout, new Uint32Array(layout.size / 4).fill(0xffff_ffff)));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: layout.size, maxLength: layout.size }), (bytes) => {
        const words = new Uint32Array(bytes.buffer.slice(0, layout.size));

        expect([...encode(layout, decode(layout, words))]).toEqual(
          Array.from(words, (w, i) => (w & (defined[i] ?? 0)) >>> 0),
        );
      }),
      { numRuns: 20 },
    );
  }
});

test('every field says what it means', () => {
  const fields = everyLayout.flatMap((layout) => Object.values(layout.fields));

  expect(fields.length).toBeGreaterThan(300);
  expect(fields.filter(({ meaning }) => !/^[A-Z2].*\.$/.test(meaning)).map(({ name }) => name)).toEqual([]);
});

test('a command is found by its opcode, and a reserved opcode finds none', () => {
  for (const [name, opcode] of Object.entries(commands.OPCODE)) {
    expect(commands.commandLayout(opcode)?.name).toBe(`CMD_${name}`);
  }
  expect(RESERVED_OPCODES.map(commands.commandLayout)).toEqual(RESERVED_OPCODES.map(() => null));
});

test('a RISC-V command is found by its opcode, and a reserved opcode finds none', () => {
  const found = Object.values(riscvCommands.OPCODE).map((opcode) => riscvCommands.commandLayout(opcode)?.name);

  expect(found).toEqual(['CMD_IOTINVAL', 'CMD_IOFENCE_C', 'CMD_IODIR', 'CMD_ATS']);
  expect([0, 5, 0x7f].map(riscvCommands.commandLayout)).toEqual([null, null, null]);
});

test('an event record is found by its number', () => {
  const layoutNames = (...names: (keyof typeof events.EVENT)[]) =>
    names.map((name) => events.eventLayout(events.EVENT[name])?.name);

  expect(layoutNames('F_TRANSLATION', 'F_ADDR_SIZE', 'F_ACCESS', 'F_PERMISSION')).toEqual(
    new Array(4).fill('EVT_TRANSLATION_CLASS'),
  );
  expect(layoutNames('C_BAD_STREAMID', 'C_BAD_STE', 'F_STREAM_DISABLED', 'C_BAD_SUBSTREAMID', 'C_BAD_CD')).toEqual(
    new Array(5).fill('EVT_CONFIG'),
  );
  expect(layoutNames('F_STE_FETCH', 'F_CD_FETCH', 'F_VMS_FETCH')).toEqual(new Array(3).fill('EVT_FETCH'));
  expect(layoutNames('F_BAD_ATS_TREQ', 'F_WALK_EABT')).toEqual(['EVT_BAD_ATS_TREQ', 'EVT_WALK_EABT']);
  expect(events.eventLayout(0)).toBeNull();
});

test.each([
  ['SMMUv3', REGISTERS],
  ['RISC-V IOMMU', RISCV_REGISTERS],
])('%s registers lie one after the other, aligned, and none in another', (_silicon, registers) => {
  const byOffset = [...registers].sort((a, b) => a.offset - b.offset);

  byOffset.forEach(({ name, offset, bytes }, index) => {
    expect(offset % bytes, name).toBe(0);
    expect(offset + bytes, name).toBeLessThanOrEqual(byOffset[index + 1]?.offset ?? Number.POSITIVE_INFINITY);
  });
});

test('each register has the name that it is found by', () => {
  expect(Object.entries(REGISTER).map(([key, { name }]) => key === name)).not.toContain(false);
});

/** Offsets and masks as Linux has them in arm-smmu-v3.h, written there independently of the layouts. */
test.each([
  ['IDR0', 0x0, 'ST_LEVEL', 28, 27],
  ['IDR0', 0x0, 'STALL_MODEL', 25, 24],
  ['IDR0', 0x0, 'TTENDIAN', 22, 21],
  ['IDR0', 0x0, 'CD2L', 19, 19],
  ['IDR0', 0x0, 'PRI', 16, 16],
  ['IDR0', 0x0, 'ATS', 10, 10],
  ['IDR0', 0x0, 'HTTU', 7, 6],
  ['IDR1', 0x4, 'CMDQS', 25, 21],
  ['IDR1', 0x4, 'EVENTQS', 20, 16],
  ['IDR1', 0x4, 'PRIQS', 15, 11],
  ['IDR1', 0x4, 'SSIDSIZE', 10, 6],
  ['IDR3', 0xc, 'RIL', 10, 10],
  ['IDR5', 0x14, 'STALL_MAX', 31, 16],
  ['IDR5', 0x14, 'VAX', 11, 10],
  ['CR0', 0x20, 'ATSCHK', 4, 4],
  ['CR0ACK', 0x24, 'CMDQEN', 3, 3],
  ['CR1', 0x28, 'TABLE_SH', 11, 10],
  ['CR2', 0x2c, 'RECINVSID', 1, 1],
  ['GBPA', 0x44, 'ABORT', 20, 20],
  ['GBPA', 0x44, 'UPDATE', 31, 31],
  ['IRQ_CTRL', 0x50, 'EVENTQ_IRQEN', 2, 2],
  ['GERROR', 0x60, 'SFM_ERR', 8, 8],
  ['GERRORN', 0x64, 'CMDQ_ERR', 0, 0],
  ['STRTAB_BASE', 0x80, 'RA', 62, 62],
  ['STRTAB_BASE_CFG', 0x88, 'FMT', 17, 16],
  ['STRTAB_BASE_CFG', 0x88, 'SPLIT', 10, 6],
  ['CMDQ_BASE', 0x90, 'LOG2SIZE', 4, 0],
  ['CMDQ_CONS', 0x9c, 'ERR', 30, 24],
  ['EVENTQ_BASE', 0xa0, 'WA', 62, 62],
  ['EVENTQ_PROD', 0x100a8, 'OVFLG', 31, 31],
  ['EVENTQ_CONS', 0x100ac, 'OVACKFLG', 31, 31],
  ['PRIQ_BASE', 0xc0, 'LOG2SIZE', 4, 0],
  ['PRIQ_PROD', 0x100c8, 'OVFLG', 31, 31],
  ['PRIQ_CONS', 0x100cc, 'OVACKFLG', 31, 31],
])('register %s at %i has %s in bits %i:%i', (name, offset, field, hi, lo) => {
  const register = REGISTERS.find((candidate) => candidate.name === name);

  expect(register?.offset).toBe(offset);
  expect(register?.layout.fields[field]).toMatchObject({ hi, lo });
});

/** Offsets and masks as Linux has them in drivers/iommu/riscv/iommu-bits.h. */
test.each([
  ['capabilities', 0, 'AMO_HWAD', 24, 24],
  ['capabilities', 0, 'IGS', 29, 28],
  ['capabilities', 0, 'PAS', 37, 32],
  ['capabilities', 0, 'PD20', 40, 40],
  ['fctl', 8, 'WSI', 1, 1],
  ['ddtp', 16, 'PPN', 53, 10],
  ['ddtp', 16, 'busy', 4, 4],
  ['cqb', 24, 'LOG2SZ_1', 4, 0],
  ['cqh', 32, 'index', 31, 0],
  ['cqt', 36, 'index', 31, 0],
  ['fqb', 40, 'PPN', 53, 10],
  ['fqt', 52, 'index', 31, 0],
  ['pqh', 64, 'index', 31, 0],
  ['cqcsr', 72, 'fence_w_ip', 11, 11],
  ['fqcsr', 76, 'fqon', 16, 16],
  ['pqcsr', 80, 'pqof', 9, 9],
  ['ipsr', 84, 'pip', 3, 3],
  ['icvec', 760, 'piv', 15, 12],
])('RISC-V register %s at %i has %s in bits %i:%i', (name, offset, field, hi, lo) => {
  const register = RISCV_REGISTERS.find((candidate) => candidate.name === name);

  expect(register?.offset).toBe(offset);
  expect(register?.layout.fields[field]).toMatchObject({ hi, lo });
});

test('the table of message interrupts is the last thing in the register page, 16 entries from byte 768 on', () => {
  expect([MSI_CFG_TABLE, MSI_CFG.size, MSI_CFG_TABLE + 16 * MSI_CFG.size]).toEqual([768, 16, 1024]);
});

function layoutOf(name: string): Layout {
  const layout = LAYOUTS[name];
  if (layout === undefined) throw new Error(`no layout for ${name}`);
  return layout;
}

/** Layouts that the reference does not list. */
function othersById(): Layout[] {
  const found = Array.from({ length: 256 }, (_, id) => [commands.commandLayout(id), events.eventLayout(id)]).flat();
  return [...new Set(found)].filter(
    (layout) => layout !== null && !Object.values(LAYOUTS).includes(layout),
  ) as Layout[];
}

/** A field too wide for a number is two of ours. */
function splitWide({ name, lo, hi }: { name: string; lo: number; hi: number }) {
  if (hi - lo + 1 <= WIDEST_FIELD) return [{ name, lo, hi }];
  return [
    { name: `${name}_LO`, lo, hi: lo + 31 },
    { name: `${name}_HI`, lo: lo + 32, hi },
  ];
}

function splitValue(layout: Layout, name: string, value: string): [string, number][] {
  if (layout.fields[name] !== undefined) return [[name, Number(value)]];
  const [lo, hi] = splitWord(value);
  return [
    [`${name}_LO`, lo],
    [`${name}_HI`, hi],
  ];
}

/** A 64-bit word in hex as its two halves, low first. */
function splitWord(text: string): [number, number] {
  const digits = text.slice(2).padStart(16, '0');
  return [Number.parseInt(digits.slice(8), 16), Number.parseInt(digits.slice(0, 8), 16)];
}
