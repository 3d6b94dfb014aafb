/** What a key press means while presenting. */
export type PresentAction = 'on' | 'back' | 'first' | 'last' | 'all' | 'black' | 'screen' | 'leave';

/** Keys of a keyboard, and those that remote controls send. */
const KEYS: Readonly<Record<string, PresentAction>> = {
  ArrowRight: 'on',
  ArrowDown: 'on',
  PageDown: 'on',
  Enter: 'on',
  ' ': 'on',
  ArrowLeft: 'back',
  ArrowUp: 'back',
  PageUp: 'back',
  Backspace: 'back',
  Home: 'first',
  End: 'last',
  a: 'all',
  b: 'black',
  '.': 'black',
  f: 'screen',
  Escape: 'leave',
};

/** The action of a key, or null: then it means nothing here. On a black page every key goes on. */
export function presentAction(key: string, isBlack: boolean): PresentAction | null {
  if (isBlack && key !== 'Escape') return 'black';
  const known = key.length === 1 ? key.toLowerCase() : key;
  return Object.hasOwn(KEYS, known) ? (KEYS[known] ?? null) : null;
}
