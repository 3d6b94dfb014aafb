/** Numbers of the machine as people write them. */

/** Lower-case hex without prefix, padded to `digits`. */
export function hex(value: number, digits = 1): string {
  return value.toString(16).padStart(digits, '0');
}

/** A 64-bit value held in two 32-bit halves, as 0x followed by hex digits. */
export function hex64(hi: number, lo: number): string {
  return hi === 0 ? `0x${hex(lo >>> 0)}` : `0x${hex(hi >>> 0)}${hex(lo >>> 0, 8)}`;
}

/** The address of a page, in full: page number -> 0x7f0000001000. */
export function pageAddress(page: number, offset = 0): string {
  return `0x${hex(page)}${hex(offset, 3)}`;
}

/** The address of a page, short enough for a drawing: 7f00...1000 keeps the two ends that differ. */
export function shortPage(page: number): string {
  const digits = `${hex(page)}000`;
  return digits.length <= 9 ? digits : `${digits.slice(0, 4)}...${digits.slice(-4)}`;
}

/** Simulated time: nanoseconds with a unit that keeps three or four digits. */
export function duration(ns: number): string {
  if (ns < 1_000) return `${ns} ns`;
  if (ns < 1_000_000) return `${(ns / 1_000).toFixed(2)} us`;
  if (ns < 1_000_000_000) return `${(ns / 1_000_000).toFixed(2)} ms`;
  return `${(ns / 1_000_000_000).toFixed(2)} s`;
}

/** 64-bit fingerprint as 16 hex digits. */
export function fingerprintText(print: readonly [number, number]): string {
  return hex(print[0] >>> 0, 8) + hex(print[1] >>> 0, 8);
}
