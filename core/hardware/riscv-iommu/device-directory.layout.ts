/** Device directory: which device context a device has, and what it says. RISC-V IOMMU 2.1 (Device-Directory-Table). */
import { address, bit, bits, type FieldSpec, layout, namesOf } from '../layout.ts';

/** ddtp.iommu_mode: what happens to traffic, and how many levels the directory has. RISC-V IOMMU 5.5. */
export const DDTP_MODE = { Off: 0, Bare: 1, '1LVL': 2, '2LVL': 3, '3LVL': 4 } as const;

/** iosatp.MODE, in a device or a process context. RISC-V IOMMU 2.1.3.4. */
export const IOSATP_MODE = { Bare: 0, Sv39: 8, Sv48: 9, Sv57: 10 } as const;

/** pdtp.MODE: how many bits of a process_id the process directory resolves. RISC-V IOMMU 2.1.3.4. */
export const PDTP_MODE = { Bare: 0, PD8: 1, PD17: 2, PD20: 3 } as const;

/** iohgatp.MODE: the second stage. RISC-V IOMMU 2.1.3.2. */
export const IOHGATP_MODE = { Bare: 0, Sv39x4: 8, Sv48x4: 9, Sv57x4: 10 } as const;

/** msiptp.MODE: whether addresses of interrupt files are translated by a table of their own. RISC-V IOMMU 2.1.3.5. */
export const MSIPTP_MODE = { Off: 0, Flat: 1 } as const;

/** A pointer to the next level of the directory. */
export const DDTE_NONLEAF = layout('DDTE_nonleaf', 8, 'RISC-V IOMMU 2.1.1', {
  V: bit(0, 'The entry is valid.'),
  PPN: address(53, 10, 'Where the next level of the directory lies.', 12),
});

const BASE = {
  'tc.V': bit(0, 'The device context is valid; without one, all that the device asks fails.'),
  'tc.EN_ATS': bit(1, 'The device may ask for translations (ATS).'),
  'tc.EN_PRI': bit(2, 'The device may ask for pages (PRI).'),
  'tc.T2GPA': bit(3, 'The device gets guest physical addresses, translated once more when it uses them.'),
  'tc.DTF': bit(4, 'Faults of address translation are not recorded.'),
  'tc.PDTV': bit(5, 'The field fsc points to a process directory instead of a page table.'),
  'tc.PRPR': bit(6, 'Automatic page responses carry the process_id.'),
  'tc.GADE': bit(7, 'Hardware sets A and D in tables of the second stage.'),
  'tc.SADE': bit(8, 'Hardware sets A and D in tables of the first stage.'),
  'tc.DPE': bit(9, 'Traffic without a process_id uses process 0.'),
  'tc.SBE': bit(10, 'Tables are big-endian.'),
  'tc.SXL': bit(11, 'Tables are those of 32-bit CPUs.'),
  'iohgatp.PPN': address(107, 64, 'Root of the second stage.', 12),
  'iohgatp.GSCID': bits(123, 108, 'Tag of the virtual machine in caches of translations.'),
  'iohgatp.MODE': bits(127, 124, 'Kind of the second stage.', namesOf(IOHGATP_MODE)),
  'ta.PSCID': bits(
    159,
    140,
    'Tag of the address space in caches of translations, where there is no process directory.',
  ),
  'ta.RCID': bits(179, 168, 'Resource control, with QOSID.'),
  'ta.MCID': bits(191, 180, 'Monitoring counter, with QOSID.'),
  'fsc.PPN': address(235, 192, 'Root of the first stage, or of the process directory.', 12),
  'fsc.MODE': bits(255, 252, 'Kind of the first stage, or of the process directory.', {
    ...namesOf(PDTP_MODE),
    ...namesOf(IOSATP_MODE),
  }),
} satisfies Record<string, FieldSpec>;

/** Device context where capabilities.MSI_FLAT is 0. */
export const DC_BASE = layout('DC_base', 32, 'RISC-V IOMMU 2.1.3', BASE);

/** Device context where capabilities.MSI_FLAT is 1. */
export const DC_EXTENDED = layout('DC_extended', 64, 'RISC-V IOMMU 2.1.3', {
  ...BASE,
  'msiptp.PPN': address(299, 256, 'Where the table for interrupt files lies.', 12),
  'msiptp.MODE': bits(319, 316, 'Kind of that table.', namesOf(MSIPTP_MODE)),
  msi_addr_mask: bits(371, 320, 'Which bits of a guest page number count interrupt files.'),
  msi_addr_pattern: bits(435, 384, 'What all other bits are in the address of an interrupt file.'),
});
