// npm run bench: how fast the machine is.
import { runBundled } from './lib.mjs';

await runBundled('bench');
