/** The upper end of a link as a PCIe completer: it carries out reads and writes at physical addresses and answers them. */
import { assert, present } from '../../lib/assert.ts';
import { isMemory, readWord, writeWord } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { type DownKind, links, type Message, type Status, sendDown } from './link.ts';

const COMPLETIONS: Partial<Readonly<Record<Message['kind'], DownKind>>> = {
  'translation-request': 'translation-completion',
  read: 'read-completion',
  write: 'write-completion',
};

/** Answers a request with a status and no data; false for a posted write, which is not answered. */
export function complete(world: World, message: Message, status: Status): boolean {
  if (isPosted(world, message)) return false;
  const kind = present(COMPLETIONS[message.kind], 'what ends without being carried out has a completion');
  sendDown(world, message.link, { kind, pasid: message.pasid, tag: message.tag, status });
  return true;
}

/** A write on PCIe or CXL. */
export function isPosted(world: World, { kind, link }: Message): boolean {
  return kind === 'write' && links.get(world, link).bus !== 'platform';
}

/** Carries out a read or write at a physical page and answers it, unless it was posted; false where no memory answers. */
export function accessMemory(world: World, message: Message, page: number): boolean {
  const offset = message.lo & 0xfff;
  if (message.bytes === 0) {
    // A request of no length touches no memory, and is answered all the same. PCIe 2.2.5.
    complete(world, message, 'success');
    return true;
  }
  assert(offset % 4 === 0 && offset + message.bytes <= 4096, 'a request covers whole words of one page');
  if (!isMemory(world, page)) return false;
  if (message.kind === 'write') {
    for (let at = 0; at < message.bytes; at += 4) writeWord(world, page, offset + at, message.data + at / 4);
    const { pasid, tag } = message;
    if (!isPosted(world, message)) {
      sendDown(world, message.link, { kind: 'write-completion', pasid, tag, status: 'success' });
    }
  } else {
    const { pasid, tag, bytes } = message;
    const lo = readWord(world, page, offset);
    const hi = bytes < 8 ? 0 : readWord(world, page, offset + 4);
    sendDown(world, message.link, { kind: 'read-completion', pasid, tag, bytes, lo, hi, status: 'success' });
  }
  return true;
}
