import { defineConfig } from 'vitest/config';

/** Tests sit beside the code and need no browser; what needs one is in e2e/. */
export default defineConfig({
  test: {
    include: ['core/**/*.test.ts', 'app/**/*.test.{ts,tsx}'],
    environment: 'node',
    restoreMocks: true,
    testTimeout: 60_000,
  },
});
