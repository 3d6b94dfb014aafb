/** What PCIe devices and the IOMMU say to each other: the bodies of ATS and PRI messages, lowest address bits first. */
import { address, bit, bits, layout, namesOf } from '../layout.ts';

/** PRG Response code on the wire. SMMUv3 software uses other codes: see PRI_RESP. PCIe 10.4.2. */
export const PRG_RESPONSE_CODE = { SUCCESS: 0, INVALID_REQUEST: 1, RESPONSE_FAILURE: 15 } as const;

/** First byte of a PASID TLP prefix. PCIe 6.20. */
const PASID_PREFIX_TYPE = 0x91;

export const PASID_PREFIX = layout('PASID_PREFIX', 4, 'PCIe 6.20', {
  PASID: bits(19, 0, 'Which address space of the device the request is for.'),
  ER: bit(20, 'The request wants to execute.'),
  PMR: bit(21, 'The request is privileged.'),
  type: bits(31, 24, 'Marks the word as a PASID prefix.', { [PASID_PREFIX_TYPE]: 'PASID' }),
});

/** A Page Request; with a PASID and {L, W, R} = 100 it is a Stop Marker. */
export const PAGE_REQUEST_BODY = layout('PAGE_REQUEST_BODY', 8, 'PCIe 10.4.1', {
  R: bit(0, 'The page is wanted to read.'),
  W: bit(1, 'The page is wanted to write.'),
  L: bit(2, 'The last request of its group.'),
  PRGI: bits(11, 3, 'Index of the group to which the request belongs.'),
  PageAddr: address(63, 12, 'The page that is wanted.'),
});

export const PRG_RESPONSE_BODY = layout('PRG_RESPONSE_BODY', 8, 'PCIe 10.4.2', {
  PRGI: bits(40, 32, 'Index of the group that is answered.'),
  RespCode: bits(47, 44, 'The answer to every request of the group.', namesOf(PRG_RESPONSE_CODE)),
  DestDeviceID: bits(63, 48, 'The device that asked: bus, device, function.'),
});

/** One translation in the answer to a Translation Request. */
export const ATS_COMPLETION = layout('ATS_COMPLETION', 8, 'PCIe 10.2.3', {
  R: bit(0, 'The device may read. With W=0 too: there is no translation to use.'),
  W: bit(1, 'The device may write.'),
  U: bit(2, 'The device must use untranslated requests here.'),
  Exe: bit(3, 'The device may execute.'),
  Priv: bit(4, 'The rights are those of privileged requests.'),
  Global: bit(5, 'It holds for every PASID.'),
  AMA: bits(8, 6, 'Attributes of the memory, for CXL.'),
  CXL_io: bit(9, 'The device must use CXL.io here.'),
  N: bit(10, 'The device may not ask for no-snoop here.'),
  S: bit(11, 'The size is in the address: its low run of ones, after which comes a zero.', { 0: '4 KB', 1: 'larger' }),
  Addr: address(63, 12, 'The physical page.'),
});

export const INV_REQ_BODY = layout('INV_REQ_BODY', 8, 'PCIe 10.3.1', {
  G: bit(0, 'Translations of every PASID go.'),
  S: bit(11, 'The size is in the address: its low run of ones, after which comes a zero.', { 0: '4 KB', 1: 'larger' }),
  Addr: address(63, 12, 'First page that the device must forget.'),
});

export const INV_CPL_BODY = layout('INV_CPL_BODY', 8, 'PCIe 10.3.2', {
  ITagVector: bits(31, 0, 'One bit for each request that is done.'),
  CC: bits(34, 32, 'How many such completions to expect, one for each traffic class used.', { 0: 'eight' }),
});
