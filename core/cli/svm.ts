import { CORE_VERSION } from '../export/version.ts';
import { suggestion } from '../lib/suggestion.ts';
import { check } from './check.ts';
import { compare } from './compare.ts';
import { conformance } from './conformance.ts';
import { explore } from './explore.ts';
import { generate } from './generate.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { list } from './list.ts';
import { museum } from './museum.ts';
import { run } from './run.ts';
import { stream } from './stream.ts';

const COMMANDS: Readonly<Record<string, (io: Io, given: readonly string[]) => Exit | Promise<Exit>>> = {
  list,
  run,
  check,
  compare,
  explore,
  generate,
  museum,
  conformance,
  stream,
};

const HELP = `Usage:
  svm list [--json]
  svm run SCENARIO|FILE [--policy P] [--bug B] [--backend B] [--at N] [--format F]
  svm check FILE
  svm compare A[@EVENT] B[@EVENT] [--policy-a P] [--policy-b P]
  svm explore SCENARIO|FILE [--policy P] [--bug B] [--at N|CHAPTER] [--until CHAPTER] [--max-states N] [--max-seconds N]
              [--max-memory MB] [--exact | --workers N | --walks N [--depth MOVES] [--seed N]] [--json | --script]
  svm museum [EXHIBIT] [--json]
  svm generate [--events N] [--seed N]
  svm conformance riscv FILE.jsonl[.gz]
  svm stream [--tables arm64|sv39|sv48] [--pattern sequential|strided|random|chase] [--pages N] [--accesses N] [--pasids N]
             [--stride PAGES] [--write] [--iotlb 16x4,lru] [--atc 8x4] [--seed N] [--httu access|dirty] [--sweep] [--json]
  svm --help | --version

Formats: chart (sequence chart for a mail), race (threads side by side, with locks and waits, for a mail), mermaid (the
sequence chart for Mermaid), trace (a line per event), jsonl (event log, which is a FILE again), perfetto (a trace for
ui.perfetto.dev), state (the machine at that moment), invariants (how each stands).
explore moves everybody in every order from event N or from the beginning of a chapter on (0: when the stage is set) and
prints the shortest order that breaks an invariant, or from which somebody waits for ever, as a chart and as a script to
play; with --walks, so many random orders instead of all; docs/exploring.md says more.
museum lists the bugs that can be put into the kernel, or shows the card of one with the commands that find it and show
that it is repaired; docs/museum.md has them all.
stream lets a device make millions of accesses through the caches of an SMMU or of a RISC-V IOMMU and counts hits and misses;
with --sweep, hit rate and latency for each size of working set; docs/performance.md says more.
A FILE of - is the standard input. The result goes to stdout, all else to stderr.

Exit codes:
  0   all expectations hold
  1   an expectation failed, or a mistake was found
  2   an invariant of the machine broke unexpectedly
  3   refused by the policy or the back end
  64  wrong usage
`;

/** The svm command: answers with the exit code, later where several threads search. */
export function svm(io: Io, given: readonly string[]): Exit | Promise<Exit> {
  const [name = '', ...rest] = given;
  if (given.includes('--help') || given.includes('-h') || name === 'help') {
    io.out(HELP);
    return EXIT.held;
  }
  if (name === '--version') {
    io.out(`${CORE_VERSION}\n`);
    return EXIT.held;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return command(io, rest);
  const hint = suggestion(name, Object.keys(COMMANDS));
  io.say(name === '' ? HELP.trimEnd() : `svm: there is no command ${name}${hint} (svm --help)`);
  return EXIT.usage;
}
