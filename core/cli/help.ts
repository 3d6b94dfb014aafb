/** What svm --help says. */
export const HELP = `Usage:
  svm list [--json]
  svm run SCENARIO|FILE [--policy P] [--bug B] [--backend B] [--at N] [--format F]
  svm check FILE
  svm compare A[@EVENT] B[@EVENT] [--policy-a P] [--policy-b P]
  svm explore SCENARIO|FILE [--policy P] [--bug B] [--backend B] [--at N|CHAPTER] [--until CHAPTER]
              [--max-states N] [--max-seconds N] [--max-memory MB] [--json | --script]
              [--exact] [--symmetry] [--workers N] [--walks N [--depth MOVES] [--seed N]]
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
play; with --walks, so many random orders instead of all; svm explore --help has its options.
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

/** What svm explore --help says. */
export const EXPLORE_HELP = `Usage:
  svm explore SCENARIO|FILE [options]

Tries every order in which threads, kernel workers and hardware can move, and prints the shortest one that breaks an
invariant or after which somebody waits for ever: as a race chart for a mail, and as a script to play. Else it says what
was covered.

  --policy P             under this kernel design instead of the script's
  --bug B                with this bug of the museum in the kernel; none for none (svm museum lists them)
  --backend B            on this silicon instead of the script's: smmuv3, riscv
  --at N|CHAPTER         from event N on, or from where a chapter begins; 0: when the stage is set
  --until CHAPTER        the script says nothing from this chapter on
  --max-states N         where it ends at the latest: 200,000 states,
  --max-memory MB        1,024 megabytes for them,
  --max-seconds N        120 seconds
  --exact                compare whole states instead of fingerprints of 64 bits
  --symmetry             exchange what the script says the same of (processes, devices): one state stands for its counterparts
  --workers N            share the search or the walks out over so many threads
  --walks N              so many random orders instead of all, each to its end or
  --depth MOVES            for 1,000 moves;
  --seed N                 the same seed walks the same ways: 1
  --json | --script      all of it as JSON, or the script of the counterexample alone

With one worker, a terminal shows how far it has come; Ctrl+C ends it, and it tells what was covered so far.

For example:
  svm explore two-binders                                  the bug of the posted design
  svm explore two-binders --policy rfcv2                   the repaired one
  svm explore munmap --bug atc-before-iotlb                a bug of the museum under another scenario
  svm explore exit-mm --max-states 1000000 --workers 2     deeper, by two threads

Exit codes: 0 nothing was found, 1 a mistake in the script, or what was exchanged is not alike, 2 something broke, 3 refused
by the policy or the back end, 64 wrong usage. docs/exploring.md says what is tried, what is checked and what a verdict claims.
`;
