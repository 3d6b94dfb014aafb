/** arm64 page-table descriptors, stage 1, pages of 4 KB. Arm ARM D8.3 (VMSAv8-64). */
import { address, bit, bits, layout } from '../layout.ts';

/** PTE_LEAF.type, and of a table: at level 3 it must be 1. */
const TYPE = { 0: 'block', 1: 'table or page' };

/** Block or page descriptor; a block leaves the low bits of OA zero. */
export const PTE_LEAF = layout('PTE_leaf_4K', 8, 'Arm ARM D8.3.1', {
  valid: bit(0, 'There is a translation here. While 0, the walk ends in a translation fault.'),
  type: bit(1, 'A page (level 3) rather than a block (levels 1 and 2).', TYPE),
  AttrIndx: bits(4, 2, 'Which of the eight memory types of MAIR this memory has.'),
  NS: bit(5, 'Non-secure; ignored outside the Secure world.'),
  AP1: bit(6, 'Users may access it, not only the kernel.', { 0: 'privileged only', 1: 'user too' }),
  AP2: bit(7, 'It is read-only. With DBM it means "writable, and clean so far".', { 0: 'read-write', 1: 'read-only' }),
  SH: bits(9, 8, 'Who else sees this memory coherently.', {
    0: 'Non-shareable',
    2: 'Outer Shareable',
    3: 'Inner Shareable',
  }),
  AF: bit(10, 'Access flag: it was used. While 0, use faults or sets it.'),
  nG: bit(11, 'It belongs to one address space, so its TLB entry is tagged with the ASID.', {
    0: 'global',
    1: 'not global',
  }),
  OA: address(47, 12, 'The physical page.'),
  GP: bit(50, 'Guarded: branches must land on branch targets.'),
  DBM: bit(51, 'Hardware may make it writable-dirty by clearing AP2.'),
  Contiguous: bit(52, 'Hint: it is one of 16 entries that map one contiguous run.'),
  PXN: bit(53, 'The kernel may not execute it.'),
  UXN: bit(54, 'Users may not execute it.'),
  SW: bits(58, 55, 'For software; hardware ignores it.'),
  PBHA: bits(62, 59, 'Page-based hardware attributes.'),
});

/** Table descriptor: leads to the table of the next level. */
export const PTE_TABLE = layout('PTE_table', 8, 'Arm ARM D8.3.1', {
  valid: bit(0, 'There is a next table. While 0, the walk ends in a translation fault.'),
  type: bit(1, 'It must be 1: a table.', TYPE),
  NextTable: address(47, 12, 'Where the next table lies.'),
  PXNTable: bit(59, 'The kernel may execute nothing below.'),
  UXNTable: bit(60, 'Users may execute nothing below.'),
  APTable: bits(62, 61, 'Rights taken away from everything below.', {
    0: 'none',
    1: 'no user access',
    2: 'no writes',
    3: 'no user access, no writes',
  }),
  NSTable: bit(63, 'Everything below is Non-secure.'),
});
