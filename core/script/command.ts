/** Where memory is meant: a place in a named region, or a 64-bit address as two u32 words. */
export type Address =
  | { readonly kind: 'region'; readonly region: string; readonly offset: number }
  | { readonly kind: 'literal'; readonly hi: number; readonly lo: number };

/** Protection as /proc/PID/maps writes it, for instance `rw-`. */
export type Perms = `${'r' | '-'}${'w' | '-'}${'x' | '-'}`;

/** An actor to move, and which of its choices it takes (null: the first). */
export interface Move {
  readonly actor: string;
  readonly choice: number | null;
}

/** What a store writes or a memory cell should hold: a 32-bit number, or a pointer to another address of the process. */
export type Stored =
  | { readonly holds: 'number'; readonly number: number }
  | { readonly holds: 'pointer'; readonly pointer: Address };

interface InProcess {
  readonly process: string;
}

interface Pair extends InProcess {
  readonly device: string;
}

interface ByOther {
  /** The process that asks for it, null for the process itself. */
  readonly by: string | null;
}

interface Place extends InProcess {
  readonly address: Address;
}

/** A DMA address of a domain, or of a private PASID. */
interface IovaPlace {
  readonly space: string;
  readonly iova: Address;
}

/** Work on an address of a process, with the PASID of that process or without. */
interface ProcessDma extends Pair {
  readonly by: 'process';
  readonly operation: 'read' | 'write' | 'chase' | 'execute';
  readonly address: Address;
  readonly bytes: number;
  readonly count: number | null;
  readonly noPasid: boolean;
  /** The device uses the PASID although nobody has bound it. */
  readonly unbound: boolean;
}

/** Work on a DMA address: without PASID, or with a private one. */
interface IovaDma {
  readonly by: 'iova';
  readonly device: string;
  readonly operation: 'read' | 'write';
  readonly iova: Address;
  readonly bytes: number;
  /** The private PASID, null for none. */
  readonly space: string | null;
}

/** All devices of the group move together; otherwise a device that shares its group does not move at all. */
interface WholeGroup {
  readonly wholeGroup: boolean;
}

interface AnyDevice {
  readonly name: string;
  /** Width of its PASIDs in bits; null: it has no PASID capability. */
  readonly pasidWidth: number | null;
  readonly group: number | null;
  readonly domain: string | null;
  /** The SMMU that it stands behind; null: the first. */
  readonly smmu: number | null;
  /** What is asked of its driver does not exclude each other. */
  readonly unserialised: boolean;
}

/** What an SMMU can do; null: as the others. */
interface SmmuAbilities {
  /** It hears the TLB invalidations that CPUs broadcast. */
  readonly broadcast: 'on' | 'off' | null;
  /** Which flags it sets in page tables by itself. */
  readonly updates: 'off' | 'access' | 'dirty' | null;
  /** Transactions that it can stall at a time; 0: it stalls none. */
  readonly stallMax: number | null;
  /** Bits of the physical addresses that it can give. */
  readonly outputBits: '32' | '36' | '40' | '42' | '44' | '48' | null;
  readonly coherent: 'on' | 'off' | null;
  readonly smmuAsidBits: '8' | '16' | null;
  readonly streamBits: number | null;
  readonly substreamBits: number | null;
}

/** Geometry of a cache; without sets, `ways` is how many entries it has in all. */
export interface CacheShape {
  readonly sets: number | null;
  readonly ways: number;
}

/** fifo: the entries of a set in turn; lru: the one that was not used for longest; random: any. */
export type Replacement = 'fifo' | 'lru' | 'random';

interface PciDevice extends AnyDevice {
  readonly bus: 'pci';
  /** Routing ID: bus in bits 15:8, device in 7:3, function in 2:0. */
  readonly bdf: number;
  readonly ats: boolean;
  readonly pri: boolean;
  /** No PCI device can: it is refused. */
  readonly stall: boolean;
  /** Page requests it may have outstanding. */
  readonly credits: number | null;
  /** Its address translation cache, and which entry of a full set makes room. */
  readonly atc: CacheShape | null;
  readonly atcReplacement: Replacement | null;
  /** Of random replacement. */
  readonly atcSeed: number | null;
  /** How it ends the use of a PASID: waits for its answers, or sends a stop marker. */
  readonly stop: 'wait' | 'marker' | null;
}

interface PlatformDevice extends AnyDevice {
  readonly bus: 'platform';
  /** dma-can-stall: its transactions may wait for the kernel. */
  readonly stall: boolean;
}

/** What a device was answered last for a page request group; none: it still waits, or never asked. */
export type GroupAnswer = 'success' | 'invalid' | 'failure' | 'none';

/** What an expectation says of the machine. */
export type Claim =
  | { readonly what: 'ok' }
  | { readonly what: 'errno'; readonly errno: string }
  | (InProcess & { readonly what: 'pasid'; readonly pasid: number | null })
  | (Pair & { readonly what: 'bound'; readonly uses: number })
  /** Where the PASID table of a device leads: to the page tables of `owner`, null for nowhere. */
  /** `owner`: a process; quiet: valid, and leading nowhere; null: not valid. */
  | { readonly what: 'entry'; readonly device: string; readonly pasid: number; readonly owner: string | null }
  | { readonly what: 'domain'; readonly device: string; readonly domain: string | null }
  | { readonly what: 'dma'; readonly device: string; readonly state: 'done' | 'failed' | 'waiting' }
  | (Place & { readonly what: 'memory' } & Stored)
  | (Place & { readonly what: 'young' | 'old' | 'dirty' | 'clean' })
  | (Place & { readonly what: 'mapped' | 'unmapped' | 'swapped' | 'pinned' | 'unpinned' })
  | (Place & { readonly what: 'cached' | 'uncached'; readonly cache: 'iotlb' | 'atc' })
  | { readonly what: 'fault'; readonly answered: number }
  | { readonly what: 'answer'; readonly device: string; readonly prgi: number; readonly answer: GroupAnswer }
  | { readonly what: 'partials'; readonly device: string; readonly partials: number }
  | (InProcess & { readonly what: 'frames'; readonly frames: number })
  | (IovaPlace & { readonly what: 'iova' } & IovaState)
  | { readonly what: 'private'; readonly space: string; readonly pasid: number | null }
  | (InProcess & { readonly what: 'asid'; readonly tags: 'cpu' | 'smmu'; readonly asid: number | null })
  | { readonly what: 'domain-asid'; readonly domain: string; readonly asid: number }
  | { readonly what: 'broken'; readonly invariant: string };

/** What is there for a DMA address: a descriptor, a copy of it in a cache, a number in memory. */
type IovaState =
  | { readonly state: 'mapped' | 'unmapped' }
  | { readonly state: 'cached' | 'uncached'; readonly cache: 'iotlb' | 'atc' }
  | { readonly state: 'holds'; readonly number: number };

/** The fields of each command: null stands for an option left out, false for a flag not given. */
interface Fields {
  machine: SmmuAbilities & {
    readonly backend: string;
    /** Page tables of a RISC-V machine. */
    readonly paging: 'sv39' | 'sv48' | null;
    /** Levels of the device directory of a RISC-V IOMMU. */
    readonly ddt: '1' | '2' | '3' | null;
    /** Its device contexts have 64 bytes, with a table for interrupt files. */
    readonly msiFlat: 'on' | 'off' | null;
    readonly cdTable: 'linear' | '2level' | null;
    readonly streamTable: 'linear' | '2level' | null;
    /** Page frames of physical memory. */
    readonly frames: number | null;
    readonly cmdq: number | null;
    readonly evtq: number | null;
    readonly priq: number | null;
    /** The translation cache of each IOMMU, and which entry of a full set makes room. */
    readonly iotlb: CacheShape | null;
    readonly iotlbReplacement: Replacement | null;
    /** Of random replacement. */
    readonly iotlbSeed: number | null;
    readonly smmus: number | null;
    /** Bits of the ASIDs of the CPUs. */
    readonly asidBits: number | null;
    /** The ASID of the first process. */
    readonly nextAsid: number | null;
  };
  smmu: SmmuAbilities & { readonly smmu: number };
  /** The name of a design, and the decisions that it is to answer differently. */
  policy: { readonly policy: string };
  /** A switch of the bug museum, or none. */
  bug: { readonly bug: string };
  device: PciDevice | PlatformDevice;
  /** `user`: who it runs as; null stands for the user of all that name none. */
  process: { readonly name: string; readonly maps: string | null; readonly user: string | null };
  thread: InProcess & { readonly name: string };
  mmap: InProcess & {
    readonly region: string;
    /** Bytes, a multiple of 4,096. */
    readonly size: number;
    readonly perms: Perms;
    readonly at: Address | null;
    readonly file: string | null;
    /** Where in the file the mapping begins: bytes, a multiple of 4,096; null without a file. */
    readonly offset: number | null;
    readonly growsDown: boolean;
  };
  munmap: Place & { readonly pages: number };
  mprotect: Place & { readonly pages: number; readonly perms: Perms };
  'swap-out': Place & { readonly pages: number };
  'fail-alloc': { readonly times: number };
  migrate: Place & { readonly pages: number };
  pin: Place & { readonly pages: number };
  unpin: Place & { readonly pages: number };
  mlock: Place & { readonly pages: number };
  age: Place & { readonly pages: number; readonly clean: boolean };
  madvise: Place & { readonly pages: number; readonly advice: 'dontfork' | 'dofork' };
  fork: InProcess & { readonly child: string };
  exec: InProcess;
  exit: InProcess;
  load: Place;
  store: Place & Stored;
  /** `pinned`: the driver pins everything that is mapped now, before it binds. */
  bind: Pair & ByOther & { readonly pinned: boolean };
  unbind: Pair & ByOther;
  vfio:
    | (InProcess & { readonly act: 'open'; readonly container: string })
    | { readonly act: 'add' | 'remove'; readonly container: string; readonly device: string }
    /** `process`: null for the one that has the container open. */
    | { readonly act: 'bind' | 'unbind'; readonly container: string; readonly process: string | null };
  attach: { readonly device: string; readonly domain: string } & WholeGroup;
  detach: { readonly device: string } & WholeGroup;
  unplug: { readonly device: string };
  'enable-pri': { readonly device: string };
  dma: ProcessDma | IovaDma;
  'iommu-map': IovaPlace & {
    /** Bytes, a multiple of 4,096. */
    readonly size: number;
    readonly perms: Perms;
  };
  'on-invalidate': { readonly device: string; readonly manner: 'answer' | 'late' | 'silent' };
  request: Pair & {
    readonly operation: 'read' | 'write';
    readonly address: Address;
    /** Page Request Group Index. */
    readonly prgi: number;
    readonly last: boolean;
    readonly noPasid: boolean;
  };
  'iommu-unmap': IovaPlace & { readonly pages: number };
  'alloc-pasid': { readonly device: string; readonly name: string; readonly pasid: number | null };
  'free-pasid': { readonly space: string };
  'on-fault': {
    readonly domain: string;
    readonly reaction: 'map' | 'defer' | 'invalid' | 'failure' | 'none';
    /** It may sleep: it is called in the workqueue. */
    readonly blocking: boolean;
  };
  run:
    | { readonly until: 'idle' }
    | { readonly until: 'count'; readonly count: number }
    | { readonly until: 'moment'; readonly moment: string }
    /** One actor goes on alone: to its end, until its next step is the named one, for so many events at most. */
    | { readonly until: 'alone'; readonly actor: string; readonly step: string | null; readonly count: number | null };
  step: { readonly move: Move; readonly count: number | null };
  schedule: { readonly moves: readonly Move[] };
  chapter: { readonly text: string };
  note: { readonly text: string };
  /** `under` names the policies that the claim is made for, or their answers; null: every policy. */
  expect: { readonly under: string | null } & Claim;
  help: { readonly topic: string | null };
}

export type Verb = keyof Fields;

interface Line {
  /** Line of the script, from 1. */
  readonly line: number;
  /** Posted with a trailing `&`: the script does not wait for it. */
  readonly background: boolean;
}

export type CommandOf<V extends Verb> = { [K in V]: Line & { readonly verb: K } & Fields[K] }[V];

/** One line of the language; `verb` tells which, and for `device`, `run` and `expect` a second field which form. */
export type Command = CommandOf<Verb>;

type KeyOf<T> = T extends unknown ? keyof T : never;

/** The name of a field that some command has. */
export type Field = KeyOf<Command>;
