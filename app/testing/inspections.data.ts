import type { BitsView, InspectionView, Moment, RecordView } from '../engine/contract.ts';

const bits = (name: string, hi: number, lo: number, hex: string, meaning: string, value = ''): BitsView => ({
  name,
  hi,
  lo,
  hex,
  meaning,
  value,
});

const PRI_RECORD: RecordView = {
  name: 'PRI queue entry',
  cite: 'SMMUv3 8.1',
  bytes: 16,
  words: ['a000000100000008', '00007f0000001007'],
  bits: [
    bits('SSV', 63, 63, '1', 'The SubstreamID is valid.', 'valid'),
    bits('Last', 62, 62, '1', 'This is the last request of its group.'),
    bits('W', 61, 61, '1', 'The device asks for write access. The kernel must find VM_WRITE in the VMA.', 'write'),
    bits('R', 60, 60, '0', 'The device asks for read access.'),
    bits('X', 59, 59, '0', 'The device asks for execute access.'),
    bits('Priv', 58, 58, '0', 'The access is privileged.'),
    bits('SubstreamID', 51, 32, '00001', 'The PASID of the request.'),
    bits('StreamID', 31, 0, '00000008', 'The function that asks.'),
    bits('Page address', 127, 76, '00007f0000001', 'Bits 63:12 of the address.'),
    bits('PRGIndex', 72, 64, '007', 'The group that the request belongs to.'),
  ],
};

const CD_RECORD: RecordView = {
  name: 'Context descriptor',
  cite: 'SMMUv3 5.4',
  bytes: 64,
  words: [
    '0001000580003510',
    '0000000000040000',
    '0000000000000000',
    '00000000000000ff',
    ...Array(4).fill('0'.repeat(16)),
  ],
  bits: [
    bits('ASID', 63, 48, '0001', 'Tags the translations of this address space.'),
    bits('ASET', 47, 47, '1', 'The ASID is not shared with the CPUs.', 'private'),
    ...['A', 'R', 'S', 'HA', 'HD'].map((name, index) => bits(name, 46 - index, 46 - index, '0', `${name} bit.`)),
    bits('AA64', 41, 41, '1', 'Descriptors have the VMSAv8-64 format.', 'VMSAv8-64'),
    bits('IPS', 34, 32, '5', 'Size of physical addresses.', '48 bits'),
    bits('V', 31, 31, '1', 'The descriptor is valid.', 'valid'),
    bits('EPD1', 30, 30, '1', 'No walks by TTB1.'),
    bits('ENDI', 15, 15, '0', 'Byte order of the tables.', 'little endian'),
    bits('EPD0', 14, 14, '0', 'Walks by TTB0 are allowed.'),
    bits('SH0', 13, 12, '3', 'Shareability of walks.', 'inner'),
    bits('OR0', 11, 10, '1', 'Outer cacheability of walks.', 'write-back'),
    bits('IR0', 9, 8, '1', 'Inner cacheability of walks.', 'write-back'),
    bits('TG0', 7, 6, '0', 'Granule of the tables.', '4 KiB'),
    bits('T0SZ', 5, 0, '10', 'The region has 64 - T0SZ bits of address.'),
    bits('TTB0', 115, 68, '000000000040', 'Page number of the level 0 table.'),
    bits('MAIR0', 223, 192, '000000ff', 'Memory attributes.'),
  ],
};

/** What the inspector would say of a key of the fixture. */
export function inspectionOf(moment: Moment, key: string): InspectionView | null {
  const isRecord = /priq\/|cd\/|ste\//.test(key);
  const record = key.includes('priq/') ? PRI_RECORD : CD_RECORD;
  return {
    key,
    title: isRecord ? `${record.name} ${key.split('/').at(-1)}` : key,
    subtitle: isRecord ? `${record.bytes} bytes at 0x52030` : 'one thing of the machine',
    fields: [
      { name: 'Stream', value: '0x0008 gpu0', link: 'ste/8' },
      { name: 'PASID', value: '1 app', link: 'cd/0/1' },
      { name: 'Group', value: '7, last' },
      { name: 'Written by', value: `event ${moment.at}` },
      { name: 'Answered by', value: 'not yet' },
    ],
    records: isRecord ? [record] : [],
    history: [26, 12, 7]
      .filter((event) => event <= moment.at)
      .map((event) => ({ event, what: `PROD ${event % 7} to ${(event + 1) % 7}`, sentence: moment.now.sentence })),
  };
}
