/**
 * Faults that could be in the translator of the RISC-V IOMMU, one at least for each rule that it follows: what is
 * changed in which source. `faults.proof.test.ts` puts each of them in, alone, and sees that the cases or the tests fail.
 */
export interface Fault {
  /** Section of the specification, or the number of the trap among those where silicon differs. */
  readonly rule: string;
  /** What the faulty translator does. */
  readonly does: string;
  /** Below core/hardware/. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly before: string;
  readonly after: string;
}

type Change = readonly [does: string, before: string, after: string];

const inFile = (rule: string, file: string, ...changes: readonly Change[]): Fault[] =>
  changes.map(([does, before, after]) => ({ rule, does, file, before, after }));

const IOMMU = 'riscv-iommu';
const TRANSLATE = `${IOMMU}/translate.ts`;
const OUTCOME = `${IOMMU}/translate-outcome.ts`;
const DEVICES = `${IOMMU}/device-directory.ts`;
const CONTEXT = `${IOMMU}/device-context.ts`;
const PROCESSES = `${IOMMU}/process-directory.ts`;
const FIRST_STAGE = `${IOMMU}/first-stage.ts`;
const FAULT_QUEUE = `${IOMMU}/fault-queue.ts`;
const ATS = `${IOMMU}/ats.ts`;
const PAGE_REQUESTS = `${IOMMU}/page-request-queue.ts`;
const OUTPUT_QUEUE = `${IOMMU}/output-queue.ts`;
const WALK = 'riscv/walk.ts';

const DDTE_READ = 'readFrom(world, iommu, { page: table, offset }, words);\n';
const DC_READ =
  'const place = placeOfDc(world, iommu, device, table);\n  const status = readFrom(world, iommu, place, words);\n';
const PDTE_READ =
  'offset: indexAt(process, level) * PDTE_NONLEAF.size };\n  const status = readFrom(world, iommu, place, words);\n';
const PC_READ =
  'offset: indexAt(tag.process, 0) * PC.size };\n  const status = readFrom(world, iommu, place, words);\n';
const refused = (kind: string): string => `  if (status === 'refused') return fault(CAUSE.${kind}_ACCESS);\n`;
const poisoned = (kind: string): string => `  if (status === 'poisoned') return fault(CAUSE.${kind}_CORRUPT);\n`;

const MODES = [
  ...inFile('2.3 step 1', TRANSLATE, [
    'an IOMMU that is Off says that the type of transaction is disallowed',
    'if (mode === DDTP_MODE.Off) return CAUSE.ALL_DISALLOWED;',
    'if (mode === DDTP_MODE.Off) return CAUSE.TYPE_DISALLOWED;',
  ]),
  ...inFile(
    '2.3 step 2',
    TRANSLATE,
    [
      'Bare answers translation requests',
      "message.kind !== 'page-request' && message.kind !== 'translation-request';",
      "message.kind !== 'page-request';",
    ],
    ['Bare lets translated requests pass', "isPlain && message.at === 'untranslated' ? null", 'isPlain ? null'],
    [
      'Bare does not use the address as it is',
      'return at.device(taken);\n  return at.access({ ...held, output: addressPage(message)',
      'return at.device(taken);\n  return at.access({ ...held, output: 0',
    ],
  ),
  ...inFile('2.3 step 5', TRANSLATE, [
    'a device_id too wide for the directory is looked up all the same',
    'return isTooWide(world, iommu, deviceOf(world, message)) ? CAUSE.TYPE_DISALLOWED : null;',
    'return null;',
  ]),
  ...inFile('2.1', DEVICES, [
    'contexts of 64 bytes are indexed like those of 32',
    'const leafBits = isExtended ? 6 : 7;',
    'const leafBits = 7;',
  ]),
];

const DIRECTORY = [
  ...inFile(
    '2.3.1 steps 2 to 7',
    DEVICES,
    ['a level of the device directory that cannot be read is not valid', `${DDTE_READ}${refused('DDT')}`, DDTE_READ],
    [
      'poison in a level of the device directory is used',
      `${DDTE_READ}${refused('DDT')}${poisoned('DDT')}`,
      `${DDTE_READ}${refused('DDT')}`,
    ],
    [
      'an entry of the device directory with V=0 is followed',
      'if (getField(words, DDTE_NONLEAF.fields.V) === 0) return fault(CAUSE.DDT_NOT_VALID);',
      '',
    ],
    [
      'reserved bits of an entry of the device directory are ignored',
      'if (hasAny(words, RESERVED_DDTE)) return fault(CAUSE.DDT_MISCONFIGURED);',
      '',
    ],
  ),
  ...inFile(
    '2.3.1 steps 8 to 12',
    DEVICES,
    ['a device context that cannot be read is not valid', `${DC_READ}${refused('DDT')}`, DC_READ],
    [
      'poison in a device context is used',
      `${DC_READ}${refused('DDT')}${poisoned('DDT')}`,
      `${DC_READ}${refused('DDT')}`,
    ],
    [
      'a device context with V=0 is used',
      "if (getField(words, fields['tc.V']) === 0) return fault(CAUSE.DDT_NOT_VALID);",
      '',
    ],
    [
      'a misconfigured device context is used',
      'if (isMisconfigured(world, iommu, words)) return fault(CAUSE.DDT_MISCONFIGURED);',
      '',
    ],
  ),
  ...inFile(
    '2.1.4',
    CONTEXT,
    [
      'reserved bits of a device context are ignored',
      'if (hasAny(words, isExtended ? RESERVED.extended : RESERVED.base)) return true;',
      '',
    ],
    ['EN_ATS, EN_PRI and PRPR need no capability', "if (asks && !isCapable(world, iommu, 'ATS')) return true;", ''],
    ['T2GPA needs no EN_ATS', "(isOn('tc.T2GPA') || isOn('tc.EN_PRI'))", "isOn('tc.EN_PRI')"],
    ['EN_PRI needs no EN_ATS', "(isOn('tc.T2GPA') || isOn('tc.EN_PRI'))", "isOn('tc.T2GPA')"],
    ['PRPR needs no EN_PRI', "if (!isOn('tc.EN_PRI') && isOn('tc.PRPR')) return true;", ''],
    ['T2GPA needs no capability', "if (isOn('tc.T2GPA') && !isCapable(world, iommu, 'T2GPA')) return true;", ''],
    [
      'T2GPA needs no second stage',
      "if (isOn('tc.T2GPA') && dc('iohgatp.MODE') === IOHGATP_MODE.Bare) return true;",
      '',
    ],
    ['DPE needs no process directory', "if (!isOn('tc.PDTV') && isOn('tc.DPE')) return true;", ''],
    ['SADE needs no AMO_HWAD', "(isOn('tc.SADE') || isOn('tc.GADE'))", "isOn('tc.GADE')"],
    ['GADE needs no AMO_HWAD', "(isOn('tc.SADE') || isOn('tc.GADE'))", "isOn('tc.SADE')"],
    ['any byte order is fine', "dc('tc.SBE') !== registerField(world, iommu, REGISTER.fctl, 'BE') || ", ''],
    ['SXL is fine', " || isOn('tc.SXL')", ''],
    [
      'any mode of a process directory is fine',
      "PD8]: 'PD8', [PDTP_MODE.PD17]: 'PD17', [PDTP_MODE.PD20]: 'PD20'",
      "PD8]: 'ATS', [PDTP_MODE.PD17]: 'ATS', [PDTP_MODE.PD20]: 'ATS'",
    ],
    [
      'a mode of the first stage needs no capability',
      'return mode === 0 || (needed !== undefined && isCapable(world, iommu, needed));',
      'return mode === 0 || needed !== undefined;',
    ],
    [
      'any mode of the second stage is fine',
      "if (!isMode(world, iommu, dc('iohgatp.MODE'), SECOND_STAGES)) return true;",
      '',
    ],
    [
      'the root of the second stage may lie anywhere',
      "dc('iohgatp.MODE') !== IOHGATP_MODE.Bare && dc('iohgatp.PPN') % 4 !== 0",
      'false',
    ],
  ),
];

const PERMITS = [
  ...inFile(
    '2.3 step 7',
    TRANSLATE,
    ['ATS needs no EN_ATS', "if (usesAts && !dcSays(world, iommu, dc, 'tc.EN_ATS')) return true;", ''],
    [
      'a process_id needs no process directory',
      "if (!dcSays(world, iommu, dc, 'tc.PDTV')) return true;\n",
      "if (!dcSays(world, iommu, dc, 'tc.PDTV')) return false;\n",
    ],
    [
      'a process_id too wide for the directory is looked up all the same',
      "return isProcessTooWide(dcField(world, iommu, dc, 'fsc.MODE'), message.pasid);",
      'return false;',
    ],
  ),
  ...inFile(
    '2.3 steps 8 to 13',
    FIRST_STAGE,
    [
      'a translated address is translated again',
      "if (message.at === 'translated' && !dcSays(world, iommu, dc, 'tc.T2GPA')) return { to: 'memory' };\n  if (message.at === 'translated') return { to: 'bare' };\n",
      '',
    ],
    [
      'without a process directory the first stage is left out',
      "if (!dcSays(world, iommu, dc, 'tc.PDTV')) return { to: 'table' };",
      "if (!dcSays(world, iommu, dc, 'tc.PDTV')) return { to: 'bare' };",
    ],
    [
      'translations of a device without processes are tagged with PSCID 0',
      "pc < 0 ? dcField(world, iommu, dc, 'ta.PSCID')",
      'pc < 0 ? 0',
    ],
    [
      'translations of a process are tagged with PSCID 0',
      "dcField(world, iommu, dc, 'ta.PSCID') : pcField(world, iommu, pc, 'ta.PSCID')",
      "dcField(world, iommu, dc, 'ta.PSCID') : 0",
    ],
    ['DPE does not count', "message.pasid >= 0 || dcSays(world, iommu, dc, 'tc.DPE')", 'message.pasid >= 0'],
    ['traffic without a process_id uses process 0, whatever DPE says', 'if (!hasProcess || ', 'if ('],
    [
      'a process directory in mode Bare is looked up',
      " || dcField(world, iommu, dc, 'fsc.MODE') === PDTP_MODE.Bare",
      '',
    ],
  ),
  ...inFile(
    '2.3.2 steps 2 to 8',
    PROCESSES,
    ['a level of the process directory that cannot be read is not valid', `${PDTE_READ}${refused('PDT')}`, PDTE_READ],
    [
      'poison in a level of the process directory is used',
      `${PDTE_READ}${refused('PDT')}${poisoned('PDT')}`,
      `${PDTE_READ}${refused('PDT')}`,
    ],
    [
      'an entry of the process directory with V=0 is followed',
      'if (getField(words, PDTE_NONLEAF.fields.V) === 0) return fault(CAUSE.PDT_NOT_VALID);',
      '',
    ],
    [
      'reserved bits of an entry of the process directory are ignored',
      'if (hasAny(words, RESERVED_PDTE)) return fault(CAUSE.PDT_MISCONFIGURED);',
      '',
    ],
  ),
  ...inFile(
    '2.3.2 steps 9 to 13',
    PROCESSES,
    ['a process context that cannot be read is not valid', `${PC_READ}${refused('PDT')}`, PC_READ],
    [
      'poison in a process context is used',
      `${PC_READ}${refused('PDT')}${poisoned('PDT')}`,
      `${PC_READ}${refused('PDT')}`,
    ],
    [
      'a process context with V=0 is used',
      "if (getField(words, PC.fields['ta.V']) === 0) return fault(CAUSE.PDT_NOT_VALID);",
      '',
    ],
    ['reserved bits of a process context are ignored', '!hasAny(words, RESERVED_PC) && ', ''],
    [
      'any mode of a process context is fine',
      " && isFirstStage(world, iommu, getField(words, PC.fields['fsc.MODE']))",
      '',
    ],
  ),
  ...inFile(
    '2.3 step 15',
    FIRST_STAGE,
    [
      'a supervisor needs no ENS',
      "return isSupervisor(message) && pcField(world, iommu, pc, 'ta.ENS') === 0;",
      'return false;',
    ],
    [
      'a request without a process_id can be a supervisor',
      'return message.pasid >= 0 && message.priv === 1;',
      'return message.priv === 1;',
    ],
  ),
];

const WALKS = [
  ...inFile('Privileged 12.3.2 step 1, 12.4.1', WALK, [
    'bit 38, 47 or 56 need not be repeated above',
    'return page < half || page >= ALL_PAGES - half;',
    'return page < half * 2 || page >= ALL_PAGES - half;',
  ]),
  ...inFile(
    'Privileged 12.3.2 step 2',
    FIRST_STAGE,
    [
      'a table that cannot be read is a page fault',
      "if (seen.kind === 'abort') return { to: 'fault', seen, cause: faultCause(want, 'access') };",
      "if (seen.kind === 'abort') return { to: 'fault', seen, cause: faultCause(want, 'page') };",
    ],
    ['poison in a page table is a page fault', 'cause: CAUSE.PT_CORRUPT', "cause: faultCause(want, 'page')"],
  ),
  ...inFile(
    'Privileged 12.3.2 steps 2 to 5',
    WALK,
    [
      'tables may lie beyond the physical addresses',
      'table < 2 ** (rules.physicalBits - 12) ? memoryWords(world, table) : null',
      'memoryWords(world, table)',
    ],
    ['V=0 is followed', '(lo & VALID) === 0 || (lo & (READ | WRITE)) === WRITE', '(lo & (READ | WRITE)) === WRITE'],
    ['W without R is fine', '(lo & VALID) === 0 || (lo & (READ | WRITE)) === WRITE', '(lo & VALID) === 0'],
    ['bits 58:54 are ignored', 'rules.rsw60 ? RESERVED : RESERVED | RSW60', 'rules.rsw60 ? 0 : RSW60'],
    ['bits 60:59 are ignored', 'rules.rsw60 ? RESERVED : RESERVED | RSW60', 'RESERVED'],
    ['bits 60:59 are reserved with Svrsw60t59b too', 'rules.rsw60 ? RESERVED : RESERVED | RSW60', 'RESERVED | RSW60'],
    ['U=1 in an entry that is no leaf is fine', '(USER | ACCESSED | DIRTY)', '(ACCESSED | DIRTY)'],
    ['A=1 in an entry that is no leaf is fine', '(USER | ACCESSED | DIRTY)', '(USER | DIRTY)'],
    ['D=1 in an entry that is no leaf is fine', '(USER | ACCESSED | DIRTY)', '(USER | ACCESSED)'],
    [
      'an entry of level 0 that is no leaf counts as one',
      "return level === 0 || reserved ? 'invalid'",
      "return level === 0 ? 'leaf' : reserved ? 'invalid'",
    ],
    ['a superpage may begin anywhere', 'return target % (PAGES_OF_LEVEL[level] as number) === 0;', 'return true;'],
    [
      'a superpage leads to its first page only',
      'return target + (page % (PAGES_OF_LEVEL[level] as number));',
      'return target;',
    ],
  ),
  ...inFile(
    'Privileged 14 (Svnapot), 15 (Svpbmt)',
    WALK,
    ['PBMT needs no Svpbmt', '(!rules.svpbmt || (hi & PBMT) === PBMT)', '(hi & PBMT) === PBMT'],
    ['PBMT=3 is a memory type', '(!rules.svpbmt || (hi & PBMT) === PBMT)', '!rules.svpbmt'],
    ['PBMT in an entry that is no leaf is fine', '(hi & (PBMT | NAPOT)) !== 0', '(hi & NAPOT) !== 0'],
    ['N in an entry that is no leaf is fine', '(hi & (PBMT | NAPOT)) !== 0', '(hi & PBMT) !== 0'],
    ['N is fine in superpages', 'return level === 0 && target % 16 === 8;', 'return target % 16 === 8;'],
    ['a run of 16 pages may say any size', 'return level === 0 && target % 16 === 8;', 'return level === 0;'],
    ['a run of 16 pages leads to one page', 'return target - 8 + (page % 16);', 'return target;'],
  ),
  ...inFile(
    'Privileged 12.3.2 step 6',
    WALK,
    ['a read needs no R', 'if ((want & WANT.read) !== 0 && (lo & READ) === 0) return false;', ''],
    ['a write needs no W', 'if ((want & WANT.write) !== 0 && (lo & WRITE) === 0) return false;', ''],
    ['execution needs no X', 'if ((want & WANT.execute) !== 0 && (lo & EXECUTE) === 0) return false;', ''],
    [
      'a user needs no U',
      'if ((want & WANT.supervisor) === 0) return (lo & USER) !== 0;',
      'if ((want & WANT.supervisor) === 0) return true;',
    ],
    ['a supervisor executes pages of users', 'if ((want & WANT.execute) !== 0) return false;', ''],
    ['a supervisor needs no SUM', 'return (want & WANT.sum) !== 0;', 'return true;'],
  ),
  ...inFile(
    'Privileged 12.3.2 step 9, RISC-V IOMMU 2.4',
    WALK,
    ['A need not be set', '(lo | ACCESSED | (isWrite', '(lo | (isWrite'],
    ['D need not be set for a write', '(isWrite ? DIRTY : 0)', '0'],
    ['a read sets D', '(isWrite ? DIRTY : 0)', 'DIRTY'],
    ['A and D are set whatever SADE says', "if (!rules.updates) return 'page';", ''],
    ['A and D are not set in memory', 'writeWord(world, leaf.table, leaf.index * 8, used);\n  store', 'store'],
    [
      'A and D are set before the rights are looked at',
      "  if (!grants(leaf.lo, want)) return 'page';\n  const used = usedWord(leaf.lo, want);\n  if (used === leaf.lo) return null;",
      "  const used = usedWord(leaf.lo, want);\n  if (used === leaf.lo) return grants(leaf.lo, want) ? null : 'page';",
    ],
    [
      'memory that refuses A and D is a page fault',
      "leaf.index * 8, 8)) return 'access';",
      "leaf.index * 8, 8)) return 'page';",
    ],
  ),
];

const RECORDS = [
  ...inFile(
    '2.3, 3.2 causes',
    FIRST_STAGE,
    [
      'a page fault of execution is one of reading',
      'CAUSE.INSTRUCTION_PAGE : CAUSE.INSTRUCTION_ACCESS',
      'CAUSE.READ_PAGE : CAUSE.READ_ACCESS',
    ],
    [
      'a page fault of writing is one of reading',
      'CAUSE.WRITE_PAGE : CAUSE.WRITE_ACCESS',
      'CAUSE.READ_PAGE : CAUSE.READ_ACCESS',
    ],
    [
      'a request that reads and executes faults as a read',
      'if ((want & WANT.execute) !== 0) return kind',
      'if ((want & (WANT.execute | WANT.read)) === WANT.execute) return kind',
    ],
  ),
  ...inFile(
    '3.2',
    FAULT_QUEUE,
    ['DTF does not count', 'return !dtf || ALWAYS.includes(cause);', 'return true;'],
    ['a page request has the type of a read', "if (kind === 'page-request') return TTYP.MESSAGE;", ''],
    [
      'a translation request has the type of a read',
      "if (kind === 'translation-request') return TTYP.ATS_REQUEST;",
      '',
    ],
    ['a translated write has the type of a read', "if (kind === 'write') return TTYP.TRANSLATED_WRITE;", ''],
    [
      'a translated read to execute is a read',
      'return pasid >= 0 && exec === 1 ? TTYP.TRANSLATED_EXECUTE',
      'return pasid >= 0 && exec === 2 ? TTYP.TRANSLATED_EXECUTE',
    ],
    ['a write has the type of a read', "if (kind === 'write') return TTYP.UNTRANSLATED_WRITE;", ''],
    [
      'a read to execute is a read',
      'return exec === 1 ? TTYP.UNTRANSLATED_EXECUTE : TTYP.UNTRANSLATED_READ;',
      'return TTYP.UNTRANSLATED_READ;',
    ],
    [
      'a record without a process_id says its privilege',
      'PRIV: message.pasid < 0 ? 0 : message.priv,\n    TTYP',
      'PRIV: message.priv,\n    TTYP',
    ],
    [
      'iotval of a page request is its address',
      'iotval_LO: isMessage ? PAGE_REQUEST_CODE : message.lo',
      'iotval_LO: message.lo',
    ],
    ['iotval has no upper half', 'iotval_HI: isMessage ? 0 : message.hi', 'iotval_HI: 0'],
  ),
  ...inFile('3.2', OUTCOME, [
    'where no context was found, DTF is 1',
    'const dtf = held.dc >= 0 && dcSays',
    'const dtf = held.dc < 0 || dcSays',
  ]),
];

const isNoAnswer = (cause: string): Change => [
  `${cause} of a translation request is no answer`,
  `  CAUSE.${cause},\n`,
  '',
];

const TRANSLATION_REQUESTS = [
  ...inFile(
    '2.6 completions',
    ATS,
    ['whatever stops a translation request is Completer Abort', ' || UNSUPPORTED.includes(cause)) return', ') return'],
    [
      'whatever stops a translation request is Unsupported Request',
      'return ENDING.abort;',
      'return ENDING.unsupported;',
    ],
    isNoAnswer('ALL_DISALLOWED'),
    isNoAnswer('DDT_ACCESS'),
    isNoAnswer('DDT_NOT_VALID'),
    isNoAnswer('DDT_MISCONFIGURED'),
    isNoAnswer('TYPE_DISALLOWED'),
    isNoAnswer('INSTRUCTION_PAGE'),
    isNoAnswer('READ_PAGE'),
    isNoAnswer('PDT_NOT_VALID'),
    [
      'a process directory that is misconfigured is a page without access',
      '  CAUSE.PDT_NOT_VALID,\n',
      '  CAUSE.PDT_NOT_VALID,\n  CAUSE.PDT_MISCONFIGURED,\n',
    ],
    [
      'a process directory that cannot be read is Unsupported Request',
      '  CAUSE.TYPE_DISALLOWED,\n];',
      '  CAUSE.TYPE_DISALLOWED,\n  CAUSE.PDT_ACCESS,\n];',
    ],
    [
      'a page table that cannot be read is Unsupported Request',
      '  CAUSE.TYPE_DISALLOWED,\n];',
      '  CAUSE.TYPE_DISALLOWED,\n  CAUSE.READ_ACCESS,\n];',
    ],
    ['Exe is granted to who did not ask', 'has(RIGHT.execute) & message.exec', 'has(RIGHT.execute)'],
    [
      'Priv is granted without a process_id',
      'const Priv = message.pasid < 0 ? 0 : message.priv;',
      'const Priv = message.priv;',
    ],
    ['Priv is never granted', 'const Priv = message.pasid < 0 ? 0 : message.priv;', 'const Priv = 0;'],
    [
      'Global is said without a process_id',
      'const Global = message.pasid < 0 ? 0 : has(GLOBAL_RIGHT);',
      'const Global = has(GLOBAL_RIGHT);',
    ],
    ['CXL.io is said of all memory', 'isCxl && memoryTypeIn(rights) !== 0 ? 1 : 0', 'isCxl ? 1 : 0'],
    [
      'CXL.io is said to devices of PCIe',
      'isCxl && memoryTypeIn(rights) !== 0 ? 1 : 0',
      'memoryTypeIn(rights) !== 0 ? 1 : 0',
    ],
    [
      'a superpage is answered as one page',
      'page: output - (addressPage(message) % 2 ** span), span }',
      'page: output, span: 0 }',
    ],
  ),
  ...inFile(
    '2.6 rights',
    FIRST_STAGE,
    [
      'execution is granted where reading is not',
      'has(PTE_RIGHTS.execute) && has(PTE_RIGHTS.read) ?',
      'has(PTE_RIGHTS.execute) ?',
    ],
    [
      'writing is granted where D is clear',
      'has(PTE_RIGHTS.write) && has(PTE_RIGHTS.dirty) ?',
      'has(PTE_RIGHTS.write) ?',
    ],
    ['an entry above the leaf cannot make it global', 'here.global === 1 || isGlobal(seen.lo)', 'isGlobal(seen.lo)'],
    ['a translation request never writes', '(isAsking && message.noWrite === 0)', 'false'],
    ['a translation request that says no-write sets D', '(isAsking && message.noWrite === 0)', 'isAsking'],
    ['a missing right refuses a translation request', '(isAsking ? WANT.grants : 0)', '0'],
  ),
];

const PAGE_REQUEST = [
  ...inFile('2.6.1', TRANSLATE, [
    'a page request needs no EN_PRI',
    "isRequest ? !dcSays(world, iommu, dc, 'tc.EN_PRI') :",
    'isRequest ? false :',
  ]),
  ...inFile(
    '2.6.1 codes',
    PAGE_REQUESTS,
    [
      'a type that is disallowed is answered Response Failure',
      'cause === CAUSE.TYPE_DISALLOWED ? PRG_RESPONSE_CODE.INVALID_REQUEST :',
      'cause < 0 ? PRG_RESPONSE_CODE.INVALID_REQUEST :',
    ],
    [
      'an IOMMU that is Off answers Invalid Request',
      'cause === CAUSE.TYPE_DISALLOWED ?',
      'cause === CAUSE.TYPE_DISALLOWED || cause === CAUSE.ALL_DISALLOWED ?',
    ],
    [
      'a context that cannot be read is answered Invalid Request',
      'cause === CAUSE.TYPE_DISALLOWED ?',
      'cause === CAUSE.TYPE_DISALLOWED || cause === CAUSE.DDT_ACCESS ?',
    ],
    [
      'a context that is not valid is answered Invalid Request',
      'cause === CAUSE.TYPE_DISALLOWED ?',
      'cause === CAUSE.TYPE_DISALLOWED || cause === CAUSE.DDT_NOT_VALID ?',
    ],
    [
      'a context that is misconfigured is answered Invalid Request',
      'cause === CAUSE.TYPE_DISALLOWED ?',
      'cause === CAUSE.TYPE_DISALLOWED || cause === CAUSE.DDT_MISCONFIGURED ?',
    ],
    [
      'a full queue answers Response Failure',
      "obstacle === 'overflow' ? PRG_RESPONSE_CODE.SUCCESS",
      "obstacle === 'off' ? PRG_RESPONSE_CODE.SUCCESS",
    ],
    [
      'a queue that is off answers Success',
      "obstacle === 'overflow' ? PRG_RESPONSE_CODE.SUCCESS",
      "obstacle !== 'memory fault' ? PRG_RESPONSE_CODE.SUCCESS",
    ],
    [
      'a queue in error answers Success',
      "obstacle === 'overflow' ? PRG_RESPONSE_CODE.SUCCESS",
      "obstacle !== 'off' ? PRG_RESPONSE_CODE.SUCCESS",
    ],
  ),
  ...inFile(
    '2.6.1 answers',
    PAGE_REQUESTS,
    [
      'each request of a group is answered',
      "bodyField(message, 'L') === 1 && !isStopMarker(message)",
      '!isStopMarker(message)',
    ],
    [
      'a Stop Marker is answered',
      "bodyField(message, 'L') === 1 && !isStopMarker(message)",
      "bodyField(message, 'L') === 1",
    ],
    ['a failure has a PASID by PRPR only', 'code === PRG_RESPONSE_CODE.RESPONSE_FAILURE || prpr ?', 'prpr ?'],
    ['each answer has the PASID', 'code === PRG_RESPONSE_CODE.RESPONSE_FAILURE || prpr ?', 'true ?'],
    [
      'no answer has the PASID by PRPR',
      'code === PRG_RESPONSE_CODE.RESPONSE_FAILURE || prpr ?',
      'code === PRG_RESPONSE_CODE.RESPONSE_FAILURE ?',
    ],
    ['a record without a process_id says its privilege', 'PRIV: hasProcess ? message.priv : 0', 'PRIV: message.priv'],
    [
      'a record without a process_id says that it executes',
      'EXEC: hasProcess ? message.exec : 0',
      'EXEC: message.exec',
    ],
    ['the answer does not name the device', 'code, DestDeviceID }', 'code, DestDeviceID: 0 }'],
  ),
  ...inFile('2.6.1 answers', OUTCOME, [
    'where no context was found, PRPR is 1',
    'const prpr = l.dc >= 0 && dcSays',
    'const prpr = l.dc < 0 || dcSays',
  ]),
  ...inFile(
    '3.3, 5.17',
    OUTPUT_QUEUE,
    ['a queue that is off takes records', "if (!isOn) return 'off';", ''],
    ['a queue in error takes records', "if (hasFault) return 'memory fault';", ''],
    [
      'a record that memory refuses counts as written',
      "else setBit(world, iommu, REGISTER.pqcsr, 'pqmf', true);\n    return 'memory fault';",
      "else setBit(world, iommu, REGISTER.pqcsr, 'pqmf', true);",
    ],
  ),
];

/** By the rows of the table of traps in docs/common-ground.md. Traps 5 and the halves of 1 to 4 are of the SMMUv3. */
const TRAPS = [
  ...inFile('trap 1', PAGE_REQUESTS, [
    'an answer has the codes of an SMMU on the wire',
    'RespCode: code,',
    'RespCode: code === 0 ? 2 : code === 15 ? 0 : code,',
  ]),
  ...inFile('trap 1', 'smmuv3/commands.ts', [
    'CMD_PRI_RESP has the codes of the wire',
    'switch (getField(words, CMD_PRI_RESP.fields.Resp)) {',
    'switch (2 - getField(words, CMD_PRI_RESP.fields.Resp)) {',
  ]),
  ...inFile('trap 2', OUTPUT_QUEUE, [
    'a queue of 2^n holds 2^n',
    'if (next === readRegister(world, iommu, head)) {',
    'if (false) {',
  ]),
  ...inFile('trap 2', 'smmuv3/queue.ts', [
    'a queue of 2^n holds one less',
    'return ((prod ^ cons) & ((2 << log2Size) - 1)) === 1 << log2Size;',
    'return ((prod + 1 - cons) & ((1 << log2Size) - 1)) === 0;',
  ]),
  ...inFile('trap 3', ATS, [
    'a page fault of a translation request is recorded',
    'return NO_ACCESS.includes(cause);',
    'return false;',
  ]),
  ...inFile('trap 4', OUTPUT_QUEUE, [
    'a queue takes records before its overflow was acknowledged',
    "return hasOverflow ? 'overflow' : null;",
    'return null;',
  ]),
  ...inFile('trap 4', 'smmuv3/pri-queue.ts', [
    'the PRI queue takes records before its overflow was acknowledged',
    "if (isOverflowing(world, smmu, 'PRIQ')) return answers",
    "if (isQueueFull(world, smmu, 'PRIQ')) return answers",
  ]),
  ...inFile(
    'trap 5',
    'smmuv3/context.ts',
    ['TG1 has the codes of TG0', 'const TG1_4K = 2;', 'const TG1_4K = 0;'],
    [
      'S1Fmt=3 is a table of two levels',
      'return format === STE_S1FMT.L2_64K ? 10 : 0;',
      'return format >= STE_S1FMT.L2_64K ? 10 : 0;',
    ],
  ),
  ...inFile('trap 6', PROCESSES, [
    'each level of the process directory uses PDI[2]',
    'return level === 1 ? (process >>> 8) & 511 : process >>> 17;',
    'return process >>> 17;',
  ]),
  ...inFile('trap 7', DEVICES, [
    'a device context with V=0 is kept',
    "  if (getField(words, fields['tc.V']) === 0) return fault(CAUSE.DDT_NOT_VALID);",
    "  if (getField(words, fields['tc.V']) === 0) {\n    fillLine(world, ddtCache(world, iommu), { sid: device, ssid: 0 }, place, true, words.length);\n    return fault(CAUSE.DDT_NOT_VALID);\n  }",
  ]),
  ...inFile('trap 7', PROCESSES, [
    'a process context with V=0 is kept',
    "  if (getField(words, PC.fields['ta.V']) === 0) return fault(CAUSE.PDT_NOT_VALID);",
    "  if (getField(words, PC.fields['ta.V']) === 0) {\n    const kept = { sid: tag.device, ssid: tag.process };\n    fillLine(world, pdtCache(world, iommu), kept, place, true, words.length);\n    return fault(CAUSE.PDT_NOT_VALID);\n  }",
  ]),
];

export const FAULTS: readonly Fault[] = [
  ...MODES,
  ...DIRECTORY,
  ...PERMITS,
  ...WALKS,
  ...RECORDS,
  ...TRANSLATION_REQUESTS,
  ...PAGE_REQUEST,
  ...TRAPS,
];
