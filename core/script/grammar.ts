import { cacheShape } from './cache-values.ts';
import { claims, iovaPlace, place, stored } from './claims.ts';
import type { Verb } from './command.ts';
import { DEVICE_GRAMMAR } from './device-grammar.ts';
import { type Entry, entry, posted, verb } from './entry.ts';
import { MACHINE_GRAMMAR, replacement } from './machine-grammar.ts';
import { MEMORY_GRAMMAR } from './memory-grammar.ts';
import type { Phrase, Phrases } from './phrases.ts';
import { choice, flag, form, mark, oneOf, option, optional, options, param, repeat, word } from './phrases.ts';
import * as type from './values.ts';

const by = option('by', 'by', type.processName);
const anyDevice = [
  option('pasid', 'pasidWidth', type.pasidWidth),
  option('group', 'group', type.groupNumber),
  option('domain', 'domain', type.domainName),
  option('smmu', 'smmu', type.smmuNumber),
  flag('unserialised', 'unserialised'),
] as const;
const topic = type.named('NAME', 'the name of a command', () => Object.keys(GRAMMAR));

export const GRAMMAR: { readonly [V in Verb]: Entry } = {
  ...MACHINE_GRAMMAR,
  device: entry(
    'Plug in a device that can use the memory of processes.',
    'device gpu0 pci 00:01.0 ats pri pasid 16 group 4',
    verb('device'),
    param('name', type.newDevice),
    choice(
      form(
        'bus',
        'pci',
        param('bdf', type.bdf),
        options(
          flag('ats', 'ats'),
          flag('pri', 'pri'),
          flag('stall', 'stall'),
          ...anyDevice,
          option('credits', 'credits', type.creditCount),
          [...option('atc', 'atc', cacheShape), replacement('atcReplacement', 'atcSeed')],
          [word('stop'), oneOf('stop', 'wait', 'marker')],
        ),
      ),
      form('bus', 'platform', options(flag('stall', 'stall'), ...anyDevice)),
    ),
  ),
  process: entry(
    'Start a process, empty or with the mappings of a real /proc/PID/maps file.',
    'process app maps python.maps',
    verb('process'),
    param('name', type.newProcess),
    options(option('maps', 'maps', type.filePath), option('user', 'user', type.userName)),
  ),
  thread: entry(
    'Start another thread of a process: it can be named wherever the process can.',
    'thread app worker',
    verb('thread'),
    param('process', type.processName),
    param('name', type.newThread),
  ),
  mmap: posted(
    'Map memory into a process: anonymous, or a private copy of a file.',
    'mmap app heap 64K rw- at 0x7f0000000000',
    verb('mmap'),
    param('process', type.processName),
    param('region', type.newRegion),
    param('size', type.mappingSize),
    param('perms', type.perms),
    options(
      option('at', 'at', type.address),
      [...option('file', 'file', type.filePath), optional(...option('offset', 'offset', type.fileOffset))],
      flag('grows-down', 'growsDown'),
    ),
  ),
  munmap: posted(
    'Take pages out of a process.',
    'munmap app heap+0x1000 1',
    verb('munmap'),
    ...place,
    param('pages', type.pageCount),
  ),
  mprotect: posted(
    'Change what may be done with pages of a process.',
    'mprotect app heap 16 r--',
    verb('mprotect'),
    ...place,
    param('pages', type.pageCount),
    param('perms', type.perms),
  ),
  ...DEVICE_GRAMMAR,
  ...MEMORY_GRAMMAR,
  fork: posted(
    'Copy a process; both share its pages until one writes.',
    'fork app child',
    verb('fork'),
    param('process', type.processName),
    param('child', type.newChild),
  ),
  exec: posted(
    'Let a process begin another program: its address space ends, with all its bonds.',
    'exec app',
    verb('exec'),
    param('process', type.processName),
  ),
  exit: posted('End a process, bound or not.', 'exit app', verb('exit'), param('process', type.processName)),
  load: posted('Let the CPU read a word of a process.', 'load app heap+0x10', verb('load'), ...place),
  store: posted(
    'Let the CPU write a number, or a pointer to another address.',
    'store app heap -> heap+0x1000',
    verb('store'),
    ...place,
    stored,
  ),
  bind: posted(
    'Let a device use the address space of a process.',
    'bind app gpu0',
    verb('bind'),
    param('process', type.processName),
    param('device', type.deviceName),
    options(flag('pin', 'pinned'), by),
  ),
  unbind: posted(
    'Take the address space of a process away from a device.',
    'unbind app gpu0',
    verb('unbind'),
    param('process', type.processName),
    param('device', type.deviceName),
    optional(...by),
  ),
  vfio: posted(
    'User-space drivers: open a container, put the groups of devices in, and bind processes to all of them.',
    'vfio bind box app',
    verb('vfio'),
    choice(
      form('act', 'open', param('process', type.processName), param('container', type.newContainer)),
      form('act', 'add', param('container', type.containerName), param('device', type.deviceName)),
      form('act', 'remove', param('container', type.containerName), param('device', type.deviceName)),
      form('act', 'bind', param('container', type.containerName), optional(param('process', type.processName))),
      form('act', 'unbind', param('container', type.containerName), optional(param('process', type.processName))),
    ),
  ),
  dma: posted(
    'Give a device work: read, write, execute, or follow a chain of pointers.',
    'dma gpu0 app write heap+0x1000 64',
    verb('dma'),
    param('device', type.deviceName),
    choice(
      form(
        'by',
        'iova',
        oneOf('operation', 'read', 'write'),
        param('iova', type.dmaAddress),
        param('bytes', type.byteCount),
        options(option('in', 'space', type.privateName)),
      ),
      [
        mark('by', 'process'),
        param('process', type.processName),
        oneOf('operation', 'read', 'write', 'chase', 'execute'),
        param('address', type.address),
        param('bytes', type.byteCount),
        options(option('count', 'count', type.times), flag('no-pasid', 'noPasid'), flag('unbound', 'unbound')),
      ],
    ),
  ),
  'iommu-map': posted(
    'Give a domain, or a private PASID, memory at a DMA address.',
    'iommu-map A 0x10000 16K rw-',
    verb('iommu-map'),
    ...iovaPlace,
    param('size', type.mappingSize),
    param('perms', type.perms),
  ),
  'iommu-unmap': posted(
    'Take the memory at a DMA address away again.',
    'iommu-unmap A 0x10000 4',
    verb('iommu-unmap'),
    ...iovaPlace,
    param('pages', type.pageCount),
  ),
  'alloc-pasid': posted(
    'Give a device a PASID that no process has, with page tables that iommu-map fills.',
    'alloc-pasid gpu0 ring0',
    verb('alloc-pasid'),
    param('device', type.deviceName),
    param('name', type.newSpace),
    options(option('pasid', 'pasid', type.pasidNumber)),
  ),
  'free-pasid': posted(
    'Take a private PASID back, with all that it maps.',
    'free-pasid ring0',
    verb('free-pasid'),
    param('space', type.privateName),
  ),
  'on-fault': entry(
    'Say what the device driver does with page faults of DMA addresses of a domain.',
    'on-fault A map blocking',
    verb('on-fault'),
    param('domain', type.domainName),
    oneOf('reaction', 'map', 'defer', 'invalid', 'failure', 'none'),
    options(flag('blocking', 'blocking')),
  ),
  run: entry(
    'Let the clock drive: until nothing moves, for some events, or until something has happened; or one actor, while other threads stand still.',
    'run only app until iommu_process_bind_device.attach',
    verb('run'),
    choice(
      [mark('until', 'count'), param('count', type.times)],
      [mark('until', 'moment'), word('until'), param('moment', type.momentName)],
      [
        mark('until', 'alone'),
        word('only'),
        param('actor', type.actorName),
        options(option('until', 'step', type.stepName), [param('count', type.times)]),
      ],
      [mark('until', 'idle')],
    ),
  ),
  step: entry(
    'Move one actor by one step, or by some.',
    'step gpu0 3',
    verb('step'),
    param('move', type.move),
    optional(param('count', type.times)),
  ),
  schedule: entry(
    'Be the scheduler: who moves, in which order, with which choice.',
    'schedule gpu0/1 irq worker',
    verb('schedule'),
    repeat('moves', type.move),
  ),
  chapter: entry('Begin a chapter of the timeline.', 'chapter "Bind"', verb('chapter'), param('text', type.quotedText)),
  note: entry(
    'Say something to the reader.',
    'note "One tree, two roots."',
    verb('note'),
    param('text', type.quotedText),
  ),
  expect: entry(
    'Say what should hold now, under every policy or under some.',
    'under rfcv2-as-posted expect broken context-refs',
    optional(...option('under', 'under', type.condition)),
    verb('expect'),
    claims,
  ),
  help: entry('List the commands, or explain one.', 'help bind', verb('help'), optional(param('topic', topic))),
};

/** The whole language: one command, each beginning with the mark of its verb. */
export const LANGUAGE: Phrase = choice(
  ...Object.entries(GRAMMAR).map(([name, { phrases, posted: mayPost }]): Phrases => {
    const ending = mayPost ? optional(mark('background', true), word('&', 'operator')) : mark('background', false);
    return [mark('verb', name), ...phrases, ending];
  }),
);
