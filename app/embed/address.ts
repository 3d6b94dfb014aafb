/** Whether the page stands inside another one, without its own frame of buttons and panels. */
export function isEmbedded(address: URL): boolean {
  return address.searchParams.has('embed');
}

/** The origins that may give orders to an embedded page; none: any. */
export function hostsOf(address: URL): readonly string[] {
  return address.searchParams.getAll('host');
}

/** Whether the page presents its run in a lecture hall. */
export function isPresenting(address: URL): boolean {
  return address.searchParams.has('present');
}

/** Whether the page opens with the museum over it: ?museum or #museum. */
export function asksForMuseum(address: URL): boolean {
  return address.searchParams.has('museum') || address.hash === '#museum';
}

/** A link to a moment, as the address of an embedded or presenting page: it stays one when it is loaded again. */
export function keepEmbedded(link: URL, address: URL): URL {
  const kept = new URL(link);
  if (isEmbedded(address)) kept.searchParams.set('embed', address.searchParams.get('embed') ?? '');
  if (isPresenting(address)) kept.searchParams.set('present', '1');
  for (const host of hostsOf(address)) kept.searchParams.append('host', host);
  return kept;
}
