/** PRI queue: page requests from PCIe devices, 16 bytes each. SMMUv3 8. */
import { address, bit, bits, layout } from '../layout.ts';

/** A page request, or a Stop Marker: SSV=1 and {Last, W, R} = 100. SMMUv3 8. */
export const PRIQ_ENTRY = layout('PRIQ_ENTRY', 16, 'SMMUv3 8', {
  StreamID: bits(31, 0, 'The device that asks; bits 15:0 are its PCIe RequesterID.'),
  SubstreamID: bits(51, 32, 'The PASID, if there is one.'),
  Priv: bit(58, 'The page is wanted with privilege; 0 without a PASID.'),
  X: bit(59, 'The page is wanted to execute; 0 without a PASID.'),
  R: bit(60, 'The page is wanted to read.'),
  W: bit(61, 'The page is wanted to write.'),
  Last: bit(62, 'The last request of its group: software answers now.'),
  SSV: bit(63, 'The request carries a PASID.'),
  PRGIndex: bits(72, 64, 'The group to which this request belongs; the answer names it.'),
  PageAddr: address(127, 76, 'The page that is wanted.'),
});
