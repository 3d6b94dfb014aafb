import { Choice } from '../kit/choice.tsx';
import { sourceOf } from '../store/comparing.ts';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';

/** What stands in front of memory; another back end plays the same script anew, under the same kernel design. */
export function BackEnds() {
  const running = usePage((page) => page.moment?.view.backend);
  const run = usePage((page) => page.run);
  const { open } = useActions();
  if (run === null || running === undefined) return null;
  return (
    <Choice
      className="policy mono"
      label={words.top.backEnd}
      value={running}
      options={Object.entries(words.top.backEnds).map(([value, label]) => ({ value, label }))}
      onChange={(backend) =>
        void open({ ...sourceOf(run), ...(run.policy === null ? {} : { policy: run.policy }), backend })
      }
    />
  );
}
