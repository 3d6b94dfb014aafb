import { Button } from '../kit/button.tsx';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';

/** Says what part of the run is looked at alone, and leaves it. */
export function StretchChip() {
  const stretch = usePage((page) => page.stretch);
  const { showAll } = useActions();
  if (stretch === null) return null;
  return (
    <span className="stretch">
      <span role="status">{words.stretch.told(stretch)}</span>
      <Button kind="quiet" icon="close" label={words.stretch.leave} onClick={() => void showAll()} />
    </span>
  );
}
