/** What the page loads first: its looks, its emulator's worker, and only then its program, which takes longest. */
import './theme.css';
import './engine/worker.ts';

void import('./main.tsx');
