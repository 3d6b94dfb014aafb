import { useNarrow } from '../kit/size.ts';
import { useActions, usePage } from '../store/context.tsx';
import { RAIL_PANELS, type RailPanel } from '../store/state.ts';
import { words } from '../words.ts';

const LABELS: Record<RailPanel, string> = {
  console: words.console.label,
  watches: words.watches.label,
  scheduler: words.scheduler.label,
};

/** Which of the panels below the inspector is shown; on a narrow page the sheet has tabs of its own. */
export function RailTabs() {
  const rail = usePage((page) => page.rail);
  const { showRail } = useActions();
  if (useNarrow()) return null;
  return (
    <nav className="rail-tabs" aria-label={words.rail}>
      {RAIL_PANELS.map((id) => (
        <button key={id} type="button" aria-pressed={id === rail} onClick={() => showRail(id)}>
          {LABELS[id]}
        </button>
      ))}
    </nav>
  );
}
