/** Process directory: which page table a process_id of a device has. RISC-V IOMMU 2.2 (Process-Directory-Table). */
import { address, bit, bits, layout, namesOf } from '../layout.ts';
import { IOSATP_MODE } from './device-directory.layout.ts';

/** A pointer to the next level of the directory. */
export const PDTE_NONLEAF = layout('PDTE_nonleaf', 8, 'RISC-V IOMMU 2.2.1', {
  V: bit(0, 'The entry is valid.'),
  PPN: address(53, 10, 'Where the next level of the directory lies.', 12),
});

/** Process context. */
export const PC = layout('PC', 16, 'RISC-V IOMMU 2.2.2', {
  'ta.V': bit(0, 'The process context is valid.'),
  'ta.ENS': bit(1, 'Requests with supervisor privilege are allowed.'),
  'ta.SUM': bit(2, 'Supervisor requests may read and write pages of user mode.'),
  'ta.PSCID': bits(31, 12, 'Tag of the address space in caches of translations.'),
  'fsc.PPN': address(107, 64, 'Root of the page table.', 12),
  'fsc.MODE': bits(127, 124, 'Kind of the page table.', namesOf(IOSATP_MODE)),
});
