/** What an SMMUv3 has to do, one statement a number: each that this model covers is a test of that name. */

export interface Statement {
  readonly section: string;
  readonly text: string;
  /** Why no test has its number; left out where one has. */
  readonly why?: string;
}

const on = (section: string, ...texts: readonly string[]): Statement[] => texts.map((text) => ({ section, text }));

/** S01 to S75, in order. A stream has StreamID 0x100 and a transaction PASID 5 unless it says otherwise. */
export const STATEMENTS: readonly Statement[] = [
  ...on(
    '6.3.9, 6.3.14, 3.9.1, 8.2',
    'While translation is off and GBPA lets traffic through, a write passes as it is and nothing is recorded.',
    'While translation is off and GBPA aborts, a read aborts and nothing is recorded.',
    'While translation is off, a Translation Request gets Unsupported Request, and F_BAD_ATS_TREQ is recorded.',
    'While translation is off, the last request of a page request group is answered Response Failure without PASID.',
  ),
  ...on(
    '3.3.1, 5.1, 6.3.12',
    'A StreamID beyond the stream table aborts, and C_BAD_STREAMID is recorded with CR2.RECINVSID.',
    'The same without CR2.RECINVSID aborts and is not recorded.',
    'A level 1 descriptor with Span 0 covers no stream: C_BAD_STREAMID.',
    'A StreamID beyond the 2^(Span-1) entries of its level 2 array is C_BAD_STREAMID.',
    'A Span above SPLIT+1 is taken as 0: C_BAD_STREAMID.',
    'A stream table entry where no memory answers aborts, and F_STE_FETCH carries its address.',
  ),
  ...on(
    '5.2',
    'V=0 aborts with C_BAD_STE.',
    'Config=abort aborts and is not recorded.',
    'Config=bypass uses the address of a transaction without PASID as it is.',
    'Config=bypass and a PASID is C_BAD_SUBSTREAMID.',
    'S1CDMax above IDR1.SSIDSIZE is C_BAD_STE.',
    'A PASID where S1CDMax is 0 is C_BAD_SUBSTREAMID.',
    'A PASID of 2^S1CDMax or more is C_BAD_SUBSTREAMID, and the record names it.',
    'S1DSS=terminate and no PASID aborts with F_STREAM_DISABLED.',
    'S1DSS=bypass and no PASID leaves stage 1 out and reads no context descriptor.',
    'S1DSS=substream 0 and no PASID is translated by the first context descriptor.',
    'S1DSS=substream 0 and PASID 0 aborts with F_STREAM_DISABLED.',
  ),
  ...on(
    '5.3, 5.4',
    'A level 1 context descriptor with V=0 is C_BAD_SUBSTREAMID, not C_BAD_CD.',
    'A table of context descriptors where no memory answers is F_CD_FETCH.',
    'A context descriptor with V=0 aborts with C_BAD_CD, and the record has the PASID.',
    'CD.S=1 under STE.S1STALLD=1 is C_BAD_CD.',
    'A TTB0 beyond the size that IPS says is C_BAD_CD.',
  ),
  ...on(
    '3.4, 5.5, 7.3.13',
    'An address in neither half is F_TRANSLATION of stage 1, class input.',
    'A missing leaf with A=1, R=1 aborts; F_TRANSLATION says access, privilege and the whole address.',
    'The same with R=0 aborts and is not recorded.',
    'The same with A=0 reads zero and is recorded, with Stall=0.',
    'The same with S=1 gets no answer, whatever R says: the record has Stall=1 and a tag of its own.',
  ),
  ...on(
    '3.13, Arm ARM D8.3',
    'A block descriptor at level 3 is F_TRANSLATION.',
    'A next table beyond the size that IPS says is F_ADDR_SIZE.',
    'A table where no memory answers is F_WALK_EABT, class walk, with the address of the descriptor.',
    'A clear access flag, which nobody sets or ignores, is F_ACCESS.',
    'A clear access flag with HA is set in memory, and nothing is recorded.',
    'A write to a read-only page is F_PERMISSION.',
    'A privileged page is F_PERMISSION for a user and fine for a privileged request.',
    'A writable-clean page refuses a write without HD; with it the descriptor becomes dirty and the write goes on.',
    'An instruction fetch from a page with UXN is F_PERMISSION with InD=1; a write is never a fetch.',
    'A clear access flag outranks a missing permission.',
    'A block of level 2 is one entry of the TLB for 2 MB, and the offset is kept.',
  ),
  ...on(
    '7.4',
    'A record that finds the event queue full is dropped, and OVFLG toggles once for all that are.',
    'Once there is room records are written again, though the overflow was not acknowledged.',
    'A record of a stall waits for room: nothing is dropped, and OVFLG stays.',
  ),
  ...on(
    '3.12.2, 4.7.1, 4.7.2',
    'CMD_RESUME with retry after the page was mapped completes the transaction and frees its tag.',
    'CMD_RESUME with retry while the page is still missing leads to a second record.',
    'CMD_RESUME without retry aborts with Ab=1, and reads zero or drops the write with Ab=0.',
    'CMD_RESUME for a tag of another stream does nothing and is no error.',
    'CMD_RESUME and CMD_STALL_TERM are CERROR_ILL where the SMMU stalls nothing.',
    'After the stream was made to abort, CMD_STALL_TERM aborts all its stalls, and no new one comes.',
  ),
  ...on('4.1, 7.1', 'An unknown command stops the queue at itself with CERROR_ILL until GERRORN is toggled.'),
  ...on(
    '3.21.3, 4.3, 4.4',
    'A context descriptor that was edited is used once CMD_CFGI_CD and CMD_SYNC are done, not before.',
    'CMD_CFGI_CD for another PASID drops nothing of this one.',
    'CMD_CFGI_STE drops every context descriptor found through the stream, and no translation.',
    'A page that was unmapped still translates until CMD_TLBI_NH_VA and CMD_SYNC are done.',
    'CMD_TLBI_NH_ASID drops what is tagged with its ASID, and no global entry.',
    'CMD_TLBI_NH_VA for another ASID drops nothing of this one.',
  ),
  ...on(
    '3.9.1',
    'With EATS off a Translation Request gets Unsupported Request, and F_BAD_ATS_TREQ is recorded.',
    'A Translation Request that meets a bad configuration gets Completer Abort; it is recorded with REC_CFG_ATS only.',
    'A Translation Request for a page that is not mapped gets Success with R=W=0: no record, no stall.',
    'A Translation Request to write a read-only page gets R=1, W=0.',
    'Exe is granted where it was asked for and the page allows it.',
    'The Global bit of a completion is 0.',
    'A translated request passes unchecked without ATSCHK; with it, EATS off makes F_TRANSL_FORBIDDEN.',
  ),
  ...on(
    '8.1, 8.2',
    'A page request is queued whatever EATS says.',
    'The last request of a group that finds the PRI queue full toggles OVFLG and is answered Success, with PASID by PPAR.',
    'The same without PPAR is answered Success without PASID.',
    'The same with a bad STE is answered Response Failure without PASID.',
    'Other requests and Stop Markers that find it full are dropped without an answer.',
    'While the overflow is not acknowledged nothing is queued, though there is room.',
    'CMD_PRI_RESP has codes of its own: success, invalid and failure are 0, 1 and 15 on the wire, the fourth is CERROR_ILL.',
  ),
  ...on(
    '3.9.1.4, 4.5.1, 7.1',
    'A CMD_SYNC behind an invalidation that no device completes fails with CERROR_ATC_INV_SYNC and signals nothing.',
    'CMD_ATC_INV for every address empties the cache of a device for its PASID only.',
  ),
  ...on('3.5.1', 'Eight entries fill a queue of eight: the index is back at 0 with the wrap bit set.'),
];

/** Parts of the architecture that no statement is about, because the model leaves them out. */
export const LEFT_OUT: readonly (readonly [string, string])[] = [
  ['Stage 2, nested translation, VMIDs', 'IDR0.S2P=0: process address spaces need stage 1 only.'],
  ['EL2, Secure and Realm state', 'One programming interface is enough for a kernel and its processes.'],
  [
    'AArch32 tables, pages of 16 and 64 KB, 52-bit addresses',
    'The processes of the model have 4 KB pages and 48 bits.',
  ],
  ['Event merging (STE.MEV), E_PAGE_REQUEST', 'Both are optional; each fault has its record.'],
  ['Suppression of a second stall for one page', 'It is optional; every stalled transaction is recorded.'],
  ['MSIs of the queues, SEV', 'Interrupts are wires here; only CMD_SYNC writes a message.'],
  ['ATOS, MPAM, DPT, ECMDQ, permission indirection', 'Nothing in sharing address spaces with devices needs them.'],
];
