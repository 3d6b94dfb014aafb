import { type Field, getField } from '../../hardware/layout.ts';
import { commandLayout, OPCODE, PRI_RESP } from '../../hardware/smmuv3/commands.layout.ts';
import { hex, shortPage } from '../../lib/format.ts';

const RESPONSES = new Map<number, string>(Object.entries(PRI_RESP).map(([name, code]) => [code, name.toLowerCase()]));

type Say = (name: string) => number;

/** What of a command is worth a glance, by opcode; the rest say their name alone. */
const DETAILS: Readonly<Record<number, (field: Say) => string>> = {
  [OPCODE.CFGI_STE]: (field) => `sid 0x${hex(field('StreamID'))}`,
  [OPCODE.CFGI_CD]: (field) => `sid 0x${hex(field('StreamID'))} ssid ${field('SubstreamID')}`,
  [OPCODE.TLBI_NH_ASID]: (field) => `asid ${field('ASID')}`,
  [OPCODE.TLBI_NH_VA]: (field) => `asid ${field('ASID')} ${shortPage(field('Address'))}`,
  [OPCODE.ATC_INV]: (field) => `sid 0x${hex(field('StreamID'))} ${rangeOf(field)}`,
  [OPCODE.PRI_RESP]: (field) => `group ${field('PRGIndex')} ${RESPONSES.get(field('Resp')) ?? 'illegal'}`,
  [OPCODE.RESUME]: (field) =>
    `sid 0x${hex(field('StreamID'))} STAG ${field('STAG')} ${field('Ac') === 1 ? 'retry' : 'abort'}`,
  [OPCODE.STALL_TERM]: (field) => `sid 0x${hex(field('StreamID'))}`,
};

function rangeOf(field: Say): string {
  const size = field('Size');
  const ssid = field('G') === 1 ? 'any ssid' : `ssid ${field('SubstreamID')}`;
  const whose = field('SSV') === 1 ? ssid : 'no ssid';
  if (size >= 52) return `${whose} all`;
  return `${whose} ${shortPage(field('Address'))}${size === 0 ? '' : ` ${2 ** size} pages`}`;
}

/** A command in a few words, for instance `CMD_CFGI_CD sid 0x8 ssid 1`. */
export function describeCommand(words: ArrayLike<number>): string {
  const opcode = (words[0] ?? 0) & 0xff;
  const layout = commandLayout(opcode);
  if (layout === null) return `unknown command 0x${hex(opcode)}`;
  const fields: Readonly<Record<string, Field>> = layout.fields;
  const say: Say = (name) => {
    const field = fields[name];
    return field === undefined ? 0 : getField(words, field);
  };
  const detail = DETAILS[opcode]?.(say);
  return detail === undefined ? layout.name : `${layout.name} ${detail}`;
}
