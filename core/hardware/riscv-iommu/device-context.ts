/** What a device context says, and when it contradicts itself or what the IOMMU can do. RISC-V IOMMU 2.1.3, 2.1.4. */
import type { World } from '../../world/world.ts';
import { lineField } from '../config-cache.ts';
import { getField, type Words } from '../layout.ts';
import { DC_BASE, DC_EXTENDED, IOHGATP_MODE, IOSATP_MODE, MSIPTP_MODE, PDTP_MODE } from './device-directory.layout.ts';
import { ddtCache } from './iommu.ts';
import { REGISTER } from './registers.layout.ts';
import { type Capability, isCapable, registerField } from './registers.ts';
import { hasAny, reservedBits } from './reserved.ts';

export type DcField = keyof typeof DC_EXTENDED.fields;

/** Bits 31:24 of tc are for the maker of the IOMMU. RISC-V IOMMU 2.1.3.1. */
const CUSTOM = [24, 31] as const;
const RESERVED = { base: reservedBits(DC_BASE, CUSTOM), extended: reservedBits(DC_EXTENDED, CUSTOM) };

/** Which capability a mode needs; a mode that is not here is reserved. */
const FIRST_STAGES: Modes = { [IOSATP_MODE.Sv39]: 'Sv39', [IOSATP_MODE.Sv48]: 'Sv48', [IOSATP_MODE.Sv57]: 'Sv57' };
const DIRECTORIES: Modes = { [PDTP_MODE.PD8]: 'PD8', [PDTP_MODE.PD17]: 'PD17', [PDTP_MODE.PD20]: 'PD20' };
const SECOND_STAGES: Modes = {
  [IOHGATP_MODE.Sv39x4]: 'Sv39x4',
  [IOHGATP_MODE.Sv48x4]: 'Sv48x4',
  [IOHGATP_MODE.Sv57x4]: 'Sv57x4',
};
type Modes = Readonly<Record<number, Capability>>;

/** A field of the device context that a line holds. */
export function dcField(world: World, iommu: number, line: number, name: DcField): number {
  return lineField(world, ddtCache(world, iommu), line, DC_EXTENDED.fields[name]);
}

export function dcSays(world: World, iommu: number, line: number, name: DcField): boolean {
  return dcField(world, iommu, line, name) === 1;
}

/** Whether iosatp.MODE is one that the IOMMU has. */
export function isFirstStage(world: World, iommu: number, mode: number): boolean {
  return isMode(world, iommu, mode, FIRST_STAGES);
}

/** Bare is always there; any other mode needs its capability. */
function isMode(world: World, iommu: number, mode: number, modes: Modes): boolean {
  const needed = modes[mode];
  return mode === 0 || (needed !== undefined && isCapable(world, iommu, needed));
}

/** A device context with V=1 that must not be used. RISC-V IOMMU 2.1.4. */
export function isMisconfigured(world: World, iommu: number, words: Words): boolean {
  const isExtended = isCapable(world, iommu, 'MSI_FLAT');
  if (hasAny(words, isExtended ? RESERVED.extended : RESERVED.base)) return true;
  if (isExtended && !(getField(words, DC_EXTENDED.fields['msiptp.MODE']) <= MSIPTP_MODE.Flat)) return true;
  const dc = (name: keyof typeof DC_BASE.fields): number => getField(words, DC_BASE.fields[name]);
  if (!isCapable(world, iommu, 'QOSID') && (dc('ta.RCID') | dc('ta.MCID')) !== 0) return true;
  return hasBadFeatures(world, iommu, dc) || hasBadStages(world, iommu, dc);
}

type Reader = (name: keyof typeof DC_BASE.fields) => number;

/** Bits that need a capability, or another bit. RISC-V IOMMU 2.1.4, items 2 to 7, 12 and 18 to 21. */
function hasBadFeatures(world: World, iommu: number, dc: Reader): boolean {
  const isOn = (name: keyof typeof DC_BASE.fields): boolean => dc(name) === 1;
  const asks = isOn('tc.EN_ATS') || isOn('tc.EN_PRI') || isOn('tc.PRPR');
  if (asks && !isCapable(world, iommu, 'ATS')) return true;
  if (!isOn('tc.EN_ATS') && (isOn('tc.T2GPA') || isOn('tc.EN_PRI'))) return true;
  if (!isOn('tc.EN_PRI') && isOn('tc.PRPR')) return true;
  if (isOn('tc.T2GPA') && !isCapable(world, iommu, 'T2GPA')) return true;
  if (isOn('tc.T2GPA') && dc('iohgatp.MODE') === IOHGATP_MODE.Bare) return true;
  if (!isOn('tc.PDTV') && isOn('tc.DPE')) return true;
  if ((isOn('tc.SADE') || isOn('tc.GADE')) && !isCapable(world, iommu, 'AMO_HWAD')) return true;
  // fctl.BE and fctl.GXL read 0 and cannot be written: neither byte order nor width can be another.
  return dc('tc.SBE') !== registerField(world, iommu, REGISTER.fctl, 'BE') || isOn('tc.SXL');
}

/** Modes of the first and second stage. RISC-V IOMMU 2.1.4, items 8 to 11 and 13 to 17. */
function hasBadStages(world: World, iommu: number, dc: Reader): boolean {
  const modes = dc('tc.PDTV') === 1 ? DIRECTORIES : FIRST_STAGES;
  if (!isMode(world, iommu, dc('fsc.MODE'), modes)) return true;
  if (!isMode(world, iommu, dc('iohgatp.MODE'), SECOND_STAGES)) return true;
  return dc('iohgatp.MODE') !== IOHGATP_MODE.Bare && dc('iohgatp.PPN') % 4 !== 0;
}
