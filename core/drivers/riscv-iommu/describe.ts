import { type Field, getField } from '../../hardware/layout.ts';
import { decodePages } from '../../hardware/pcie/address-range.ts';
import { INV_REQ_BODY, PRG_RESPONSE_BODY } from '../../hardware/pcie/messages.layout.ts';
import { CMD_ATS, CMD_IODIR } from '../../hardware/riscv-iommu/commands.layout.ts';
import { commandName } from '../../hardware/riscv-iommu/commands.ts';
import { responseInWords } from '../../hardware/riscv-iommu/story.ts';
import { hex, shortPage } from '../../lib/format.ts';

const BODY = 2;

/** What of a command is worth a glance beside its name, by that name; IOTINVAL says it there. */
const DETAILS: Readonly<Record<string, (words: Uint32Array) => string>> = {
  'IODIR.INVAL_DDT': (words) => (fieldOf(words, CMD_IODIR.fields.DV) === 1 ? ` ${deviceIn(words)}` : ''),
  'IODIR.INVAL_PDT': (words) => ` ${deviceIn(words)} pid ${fieldOf(words, CMD_IODIR.fields.PID)}`,
  'ATS.INVAL': (words) => ` ${requesterIn(words)} ${rangeIn(words)}`,
  'ATS.PRGR': (words) => {
    const body = (field: Field): number => getField(words, field, BODY);
    const answer = responseInWords(body(PRG_RESPONSE_BODY.fields.RespCode)).toLowerCase();
    return ` group ${body(PRG_RESPONSE_BODY.fields.PRGI)} ${answer}`;
  },
};

const fieldOf = (words: Uint32Array, field: Field): number => getField(words, field);
const deviceIn = (words: Uint32Array): string => `did 0x${hex(fieldOf(words, CMD_IODIR.fields.DID))}`;
const requesterIn = (words: Uint32Array): string => `rid 0x${hex(fieldOf(words, CMD_ATS.fields.RID))}`;

function rangeIn(words: Uint32Array): string {
  const body = (field: Field): number => getField(words, field, BODY);
  const { page, span } = decodePages({ S: body(INV_REQ_BODY.fields.S), Addr: body(INV_REQ_BODY.fields.Addr) });
  const any = body(INV_REQ_BODY.fields.G) === 1;
  const pid = any ? 'any pid' : `pid ${fieldOf(words, CMD_ATS.fields.PID)}`;
  const whose = fieldOf(words, CMD_ATS.fields.PV) === 1 ? pid : 'no pid';
  if (span >= 52) return `${whose} all`;
  return `${whose} ${shortPage(page)}${span === 0 ? '' : ` ${2 ** span} pages`}`;
}

/** A command in a few words, for instance `IODIR.INVAL_PDT did 0x8 pid 1`. */
export function describeCommand(words: ArrayLike<number>): string {
  const own = Uint32Array.from(words);
  const name = commandName(own);
  return `${name}${DETAILS[name]?.(own) ?? ''}`;
}
