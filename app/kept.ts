/** What this browser keeps for the person under a name, null for nothing. */
export function kept(name: string): string | null {
  return storage()?.getItem(name) ?? null;
}

/** Keeps a text under a name, or nothing for null; says whether the browser did. */
export function keep(name: string, text: string | null): boolean {
  try {
    if (text === null) storage()?.removeItem(name);
    else storage()?.setItem(name, text);
    return storage() !== null;
  } catch {
    // The storage is full or closed to this frame.
    return false;
  }
}

/** The browser's storage; a page in a foreign frame may have none. */
function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
