import { Button } from '../kit/button.tsx';
import { counterpartOf } from '../store/comparing.ts';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';

/** Puts beside the run what its scenario names, or else another kernel design; closes the comparison when it is open. */
export function CompareButton({ onOpen }: { readonly onOpen?: () => void }) {
  const { compareRuns, stopComparing } = useActions();
  const run = usePage((page) => page.run);
  const moment = usePage((page) => page.moment);
  const scenarios = usePage((page) => page.scenarios);
  const isOpen = usePage((page) => page.comparing !== null);
  const toggle = () => {
    onOpen?.();
    if (isOpen) stopComparing();
    else void compareRuns(counterpartOf({ run, moment, scenarios }));
  };
  return (
    <Button kind="quiet" label={words.compare.openTold} pressed={isOpen} disabled={run === null} onClick={toggle}>
      {words.compare.open}
    </Button>
  );
}
