import { duration } from '../draw/text.ts';
import type { RunInfo } from '../engine/contract.ts';
import { Button } from '../kit/button.tsx';
import { NO_BUG } from '../store/comparing.ts';
import { usePage } from '../store/context.tsx';
import type { PageState } from '../store/state.ts';
import { words } from '../words.ts';
import { BranchesButton, UndoButtons } from './branches.tsx';
import { InvariantsButton } from './invariants.tsx';
import { KeptForOffline } from './renewal.tsx';

/** Whether all holds, and the state of the machine in a line. */
export function Status({ onExplore }: { readonly onExplore: () => void }) {
  const run = usePage((page) => page.run);
  const view = usePage((page) => page.moment?.view);
  const searching = usePage(searchingIn);
  if (run === null || view === undefined) return <footer className="status" />;
  const { used, limit } = view.kernel.frames;
  return (
    <footer className="status" data-box="status">
      {run.report === null ? (
        <span className="ok">{`\u2713 ${words.status.holds}`}</span>
      ) : (
        <span className="fault-text">{run.report.expected ? words.status.brokenAsExpected : words.status.broken}</span>
      )}
      <InvariantsButton />
      <BranchesButton />
      <UndoButtons />
      {searching !== null && (
        <Button kind="quiet" onClick={onExplore}>
          {searching}
        </Button>
      )}
      <span>{originOf(run)}</span>
      <span>
        {words.status.fingerprint} <span className="mono">{view.fingerprint}</span>
      </span>
      <span>
        <span className="mono">{duration(view.time)}</span> {words.status.simulated}
      </span>
      <span className="spare">{words.status.frames(used, limit)}</span>
      <span className="grow" />
      <KeptForOffline />
      <span className="muted">{words.status.version(run.version)}</span>
    </footer>
  );
}

/** How far the search is that goes on, or that one is over. */
function searchingIn({ exploration }: PageState): string | null {
  if (exploration === null) return null;
  if (exploration.phase !== 'running') return words.explore.over;
  return words.explore.running(exploration.progress?.states ?? 0);
}

function originOf({ scenario, policy, bug }: RunInfo): string {
  if (bug !== null) return bug === NO_BUG ? words.status.repaired : words.status.withBug(bug);
  if (policy !== null) return words.status.under(policy);
  return scenario === null ? words.status.own : words.status.asWritten;
}
