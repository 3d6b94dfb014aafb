/** The page without a network. */
export const offline = {
  kept: 'works offline',
  keptTold: 'This browser has kept the whole page: it opens without a network.',
  renewed: 'A newer version of the playground is ready. What you see stays as it is until you open it.',
  renew: 'Open the newer version',
} as const;
