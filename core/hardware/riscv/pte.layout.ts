/** Page-table entries of Sv39, Sv48 and Sv57, the same for CPUs and the IOMMU. RISC-V Privileged 12.4 to 12.6. */
import { address, bit, bits, layout, namesOf } from '../layout.ts';

/** Svpbmt: the memory type that a page asks for. RISC-V Privileged 15 (Svpbmt). */
export const PBMT = { PMA: 0, NC: 1, IO: 2 } as const;

/** A leaf, or with R=W=X=0 a pointer to the next table. */
export const PTE = layout('PTE', 8, 'RISC-V Privileged 12.4.1', {
  V: bit(0, 'The entry is valid. While 0, all else belongs to software.'),
  R: bit(1, 'The page may be read.'),
  W: bit(2, 'The page may be written; W without R is reserved.'),
  X: bit(3, 'The page may be executed.'),
  U: bit(4, 'The page is for user mode.'),
  G: bit(5, 'The page is in every address space.'),
  A: bit(6, 'The page was used.'),
  D: bit(7, 'The page was written.'),
  RSW: bits(9, 8, 'Free for software.'),
  PPN: address(53, 10, 'The page, or the next table; the first page of a superpage.', 12),
  RSW60: bits(60, 59, 'Free for software with Svrsw60t59b, else reserved.'),
  PBMT: bits(62, 61, 'Memory type, with Svpbmt, else reserved.', namesOf(PBMT)),
  N: bit(63, 'One of 16 entries that map 64 KiB together (Svnapot).'),
});
