// npm run svm: the machine from a terminal.
import { runBundled } from './lib.mjs';

// A file named on the command line is meant from where the person stands; npm has moved to the project's folder.
if (process.env.npm_lifecycle_event === 'svm' && process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);

await runBundled('core/cli/main');
