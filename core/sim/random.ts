/** Seeded randomness (mulberry32): the state is a number that the caller keeps. */
export interface Random {
  state: number;
}

export function seeded(seed: number): Random {
  return { state: seed >>> 0 };
}

/** The next 32-bit number. */
export function nextWord(random: Random): number {
  random.state = (random.state + 0x6d2b79f5) >>> 0;
  let t = random.state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return (t ^ (t >>> 14)) >>> 0;
}

/** An integer from 0 up to, not including, `end`. */
export function below(random: Random, end: number): number {
  return nextWord(random) % end;
}
