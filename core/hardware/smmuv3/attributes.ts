/** Value names that several SMMUv3 structures share. */

/** Shareability, as in STE.S1CSH, CD.SH0, CR1.TABLE_SH. SMMUv3 5.2, 5.4, 6.3.11. */
export const SHAREABILITY = { 0: 'Non-shareable', 2: 'Outer Shareable', 3: 'Inner Shareable' };

/** Cacheability of translation table walks, as in CD.IR0. SMMUv3 5.4. */
export const WALK_CACHEABILITY = { 0: 'Non-cacheable', 1: 'WB-RA-WA', 2: 'WT-RA', 3: 'WB-RA-nWA' };

/** Cacheability of fetched CDs, as in STE.S1CIR. SMMUv3 5.2. */
export const FETCH_CACHEABILITY = { 0: 'Non-cacheable', 1: 'WB-RA', 2: 'WT-RA', 3: 'WB-nRA' };

/** Physical address sizes, as in CD.IPS, STE.S2PS and IDR5.OAS. SMMUv3 5.4, 6.3.6. */
export const ADDRESS_SIZE = {
  0: '32 bits',
  1: '36 bits',
  2: '40 bits',
  3: '42 bits',
  4: '44 bits',
  5: '48 bits',
  6: '52 bits',
};

/** Who a transaction is said to come from, as in STE.PRIVCFG and GBPA.PRIVCFG. SMMUv3 5.2. */
export const PRIVILEGE_OVERRIDE = { 0: 'Use incoming', 2: 'Unprivileged', 3: 'Privileged' };

/** What a read is said to fetch, as in STE.INSTCFG and GBPA.INSTCFG. SMMUv3 5.2. */
export const INSTRUCTION_OVERRIDE = { 0: 'Use incoming', 2: 'Data', 3: 'Instruction' };

/** Shareability given to a transaction, as in STE.SHCFG and GBPA.SHCFG. SMMUv3 5.2. */
export const SHAREABILITY_OVERRIDE = {
  0: 'Non-shareable',
  1: 'Use incoming',
  2: 'Outer Shareable',
  3: 'Inner Shareable',
};
