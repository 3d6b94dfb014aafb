import type { Verb } from '../script/index.ts';

/** What an error number means for each command that the kernel may refuse: the rule that was broken. */
const RULES: Partial<Readonly<Record<Verb, Readonly<Record<string, string>>>>> = {
  bind: {
    EINVAL: 'the device is attached to no domain or has no PASID capability, or the task has no memory',
    ENODEV:
      'the device cannot fault (ATS and PRI, or Stall), its IOMMU is no match for the CPUs, or it is leaving its domain',
    ESRCH: 'the address space is being taken down, or too many ASIDs are pinned already',
    ENOSPC: 'no PASID in the range of the domain is free, or that of the process lies outside it',
    ENOMEM: 'no memory is left for the PASID table, or all that is mapped may not be pinned (RLIMIT_MEMLOCK)',
    EEXIST: 'the process is bound to the device already',
  },
  unbind: {
    EINVAL: 'the device is attached to no domain',
    ESRCH: 'the process is not bound to the device',
  },
  attach: {
    EINVAL:
      'the group has more devices and joins a domain as a whole (whole-group), or its devices do not stall as others do',
    ENXIO: 'the domain belongs to another SMMU',
    EBUSY: 'the group is attached to a domain: detach it first',
    ENOMEM: 'no memory is left for the tables of a new domain',
  },
  vfio: {
    EINVAL: 'the container has no group, or a group of several devices',
    ESRCH: 'the task has no memory, or is not bound in this container',
    EACCES: 'the memory of another user: tracing it is not allowed (PTRACE_MODE_ATTACH_REALCREDS)',
    EBUSY: 'the group is in a container already, or its driver has something bound',
    ENODEV: 'a device of the container cannot fault, or the group is not in this container',
    ENOSPC: 'no PASID in the range of a domain is free, or that of the process lies outside it',
    ENOMEM: 'no memory is left for a domain or for a PASID table',
    EEXIST: 'a device is bound to the process already',
  },
  detach: {
    ENODEV: 'the device is attached to no domain',
    EINVAL: 'the group has more devices: it leaves its domain as a whole (whole-group)',
    EBUSY: 'the device is leaving its domain already, or has private PASIDs: free them first',
  },
  unplug: { EBUSY: 'the device is leaving its domain already, or has private PASIDs: free them first' },
  'enable-pri': {
    EOPNOTSUPP: 'the device has no PRI',
    EBUSY: 'PRI of the device is enabled, or a group of it still waits for its answer',
  },
  mmap: {
    EEXIST: 'something is mapped there already (MAP_FIXED_NOREPLACE)',
    EINVAL: 'the range is empty, or of a kind that is not modelled',
    ENOMEM: 'the process has no room for it',
  },
  pin: {
    EFAULT: 'part of the range is not mapped, or may not be used at all',
    ENOMEM: 'the process may lock and pin 16 pages (RLIMIT_MEMLOCK, 64 KiB), or no frame is free',
  },
  unpin: { EINVAL: 'the process has pinned no page of the range' },
  mlock: {
    EINVAL: 'the range is empty or beyond the addresses of a process',
    ENOMEM: 'part of the range is not mapped, the limit of 16 pages is passed (RLIMIT_MEMLOCK), or no frame is free',
  },
  age: { EINVAL: 'the range is empty or beyond the addresses of a process' },
  madvise: {
    EINVAL: 'the range is empty or beyond the addresses of a process',
    ENOMEM: 'part of the range is not mapped',
  },
  munmap: { EINVAL: 'the range is empty or beyond the addresses of a process' },
  mprotect: {
    ENOMEM: 'part of the range is not mapped',
    EINVAL: 'the range is empty or beyond the addresses of a process',
  },
  load: {
    EFAULT: 'nothing is mapped there, or it may not be read: a program would get SIGSEGV',
    ENOMEM: 'no frame is free',
  },
  store: {
    EFAULT: 'nothing is mapped there, or it may not be written: a program would get SIGSEGV',
    ENOMEM: 'no frame is free',
  },
  exec: { ENOMEM: 'no frame is free for the root table of the new program' },
  fork: { ENOMEM: 'no frame is free for the page tables of the child' },
  request: {
    EINVAL: 'the device does not use the PASID of the process, or the group has another one',
    EOPNOTSUPP: 'the device has no PRI',
    EIO: 'a Response Failure came: the device asks for nothing until its PRI is enabled again',
    EBUSY: 'the group has sent its last request and waits for its answer',
    EAGAIN: 'no page request credit is left',
  },
  'iommu-map': {
    EEXIST: 'something is mapped there already: unmap it first',
    ERANGE: 'DMA addresses have 48 bits here',
    ENOMEM: 'no memory is left for the pages or their tables',
    ENODEV: 'the private PASID is gone',
  },
  'alloc-pasid': {
    EINVAL: 'the device has no PASID capability, or this PASID cannot be had: the core picks it, or it is out of range',
    ENODEV: 'the device is attached to no domain, or leaves it',
    EBUSY: 'the PASID has page tables already',
    ENOSPC: 'no PASID that the device can say is free',
    ENOMEM: 'no memory is left for page tables or PASID table',
  },
  'free-pasid': { ENODEV: 'the private PASID is gone' },
  'iommu-unmap': { ENODEV: 'the private PASID is gone' },
  dma: { EINVAL: 'the device does not use the PASID of the process' },
};

/** All that the kernel may answer to a command: `bind EINVAL`. */
export const REFUSALS: readonly string[] = Object.entries(RULES).flatMap(([verb, rules]) =>
  Object.keys(rules).map((errno) => `${verb} ${errno}`),
);

/** A kernel's refusal in words: the error number as the kernel returns it, and the rule. */
export function refusalInWords(verb: Verb, errno: string): string {
  const rule = RULES[verb]?.[errno];
  return rule === undefined ? `-${errno}` : `-${errno}: ${rule}`;
}
