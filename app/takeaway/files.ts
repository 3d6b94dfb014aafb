/** A file that is handed to this browser's downloads. */
export function download(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun with the click; the address is needed a little longer in some browsers.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** More bytes than this are not read: it would fill the tab's memory. */
export const LARGEST_FILE = 200_000_000;

/** What a file holds as text, or why it cannot be had. */
export async function textOf(file: File): Promise<string | { readonly problem: 'huge' | 'unreadable' }> {
  if (file.size > LARGEST_FILE) return { problem: 'huge' };
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    // No UTF-8, or gone since it was picked.
    return { problem: 'unreadable' };
  }
}
