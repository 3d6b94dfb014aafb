/** How ATS writes a naturally aligned run of pages into one address: the low run of ones, after which comes a zero. */

export interface PageRun {
  /** First page number, aligned to the run. */
  readonly page: number;
  /** It covers 2^span pages. */
  readonly span: number;
}

/** Every address: 2^52 pages. */
export const ALL_PAGES: PageRun = { page: 0, span: 52 };

/** Value of the fields S and Addr of an Invalidate Request or a translation. PCIe 10.2.3.2. */
export function encodePages({ page, span }: PageRun): { readonly S: number; readonly Addr: number } {
  if (span === 0) return { S: 0, Addr: page };
  const first = page - (page % 2 ** span);
  return { S: 1, Addr: first + 2 ** (span - 1) - 1 };
}

/** The pages that the fields S and Addr stand for. */
export function decodePages({ S, Addr }: { readonly S: number; readonly Addr: number }): PageRun {
  if (S === 0) return { page: Addr, span: 0 };
  let span = 1;
  for (let rest = Addr; rest % 2 === 1; rest = Math.floor(rest / 2)) span++;
  return { page: Addr - (Addr % 2 ** span), span };
}
