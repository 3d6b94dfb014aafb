/** What this browser keeps for the person under a name, null for nothing. */
export function kept(name: string): string | null {
  return storage('localStorage')?.getItem(name) ?? null;
}

/** What this tab keeps over a reload. */
export function keptHere(name: string): string | null {
  return storage('sessionStorage')?.getItem(name) ?? null;
}

/** Keeps a text under a name, or nothing for null; says whether the browser did. */
export function keep(name: string, text: string | null): boolean {
  return write('localStorage', name, text);
}

/** Keeps it in this tab alone. */
export function keepHere(name: string, text: string | null): boolean {
  return write('sessionStorage', name, text);
}

type Place = 'localStorage' | 'sessionStorage';

function write(place: Place, name: string, text: string | null): boolean {
  try {
    if (text === null) storage(place)?.removeItem(name);
    else storage(place)?.setItem(name, text);
    return storage(place) !== null;
  } catch {
    // The storage is full or closed to this frame.
    return false;
  }
}

/** The browser's storage; a page in a foreign frame may have none. */
function storage(place: Place): Storage | null {
  try {
    return globalThis[place];
  } catch {
    return null;
  }
}
