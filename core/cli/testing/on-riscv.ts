/** For tests: what scenarios do on a RISC-V machine, beside their golden traces and charts. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Run } from '../../export/run.ts';
import { CORE_VERSION } from '../../export/version.ts';
import { readBackEnd } from '../../hardware/back-end.ts';
import { playScript } from '../../play/script.ts';
import { FILES, SCENARIOS } from '../../scenarios/catalogue.ts';

const folder = new URL('../../scenarios/golden-riscv/', import.meta.url);

/** A run of a scenario on the back end of that name. */
export function runOn(name: string, id: string): Run {
  const backEnd = readBackEnd(name);
  const scenario = SCENARIOS.find((each) => each.id === id);
  if (!backEnd.ok || scenario === undefined) throw new Error(`${id} on ${name}`);
  const { play } = playScript(scenario.text, { files: FILES, paging: backEnd.value.paging });
  return { name: id, script: scenario.text, play };
}

/** The text of a golden file, written anew if the environment says UPDATE_GOLDEN=1, and what should be in it. */
export function golden(file: string, text: string): { own: string; kept: string } {
  const own = text.replace(`core ${CORE_VERSION}`, 'core VERSION');
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(new URL(file, folder), own);
  return { own, kept: readFileSync(new URL(file, folder), 'utf8') };
}
