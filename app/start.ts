/** What the page loads first: its looks, its emulator's worker, and only then its program, which takes longest. */
import './theme.css';
import './engine/worker.ts';

/** The page as it was read is painted (still.tsx) before the program keeps its thread; a page in the background is not. */
const painted = new Promise<void>((done) => {
  if (document.hidden) done();
  else requestAnimationFrame(() => setTimeout(done));
});

void painted.then(() => import('./main.tsx'));
