import { Button } from '../kit/button.tsx';
import { useNarrow } from '../kit/size.ts';
import { linkTo } from '../link.ts';
import { usePage } from '../store/context.tsx';
import { words } from '../words.ts';
import { Now } from './now.tsx';
import { Scene } from './scene.tsx';
import { Timeline } from './timeline.tsx';

/** The machine, its sentence and its time, for a place inside another page. */
export function Embedded() {
  return (
    <main className={useNarrow() ? 'pocket' : 'desk'}>
      <Scene />
      <Now />
      <Timeline />
      <Origin />
    </main>
  );
}

/** Where it comes from, and the way to the whole page at this moment. */
function Origin() {
  const run = usePage((page) => page.run);
  const moment = usePage((page) => page.moment);
  const open = async () => {
    if (run === null || moment === null) return;
    const link = await linkTo({ run, at: moment.at, fingerprint: moment.view.fingerprint }, new URL(location.href));
    window.open(link, '_blank', 'noopener');
  };
  return (
    <footer className="origin">
      <h1>{words.title}</h1>
      <span className="muted">{run?.title}</span>
      <span className="grow" />
      <Button kind="quiet" onClick={open}>
        {words.embed.open}
      </Button>
    </footer>
  );
}
