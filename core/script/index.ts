export { checkNames } from './check-names.ts';
export type { Address, Command, CommandOf, Perms, Verb } from './command.ts';
export { type Completion, complete } from './complete.ts';
export type { Diagnostic } from './diagnostics.ts';
export { help } from './help.ts';
export type { Known } from './known.ts';
export { parseLine, parseScript } from './parse.ts';
export { printCommand } from './print.ts';
