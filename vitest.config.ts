import { configDefaults, defineConfig } from 'vitest/config';

/** Proofs take minutes: `npm run prove` plays them. */
const proofs = process.env['SVM_PROVE'] === '1' ? [] : ['**/*.proof.test.ts'];

/** Tests sit beside the code and need no browser; what needs one is in e2e/. */
export default defineConfig({
  test: {
    include: ['core/**/*.test.ts', 'app/**/*.test.{ts,tsx}'],
    exclude: [...configDefaults.exclude, ...proofs],
    environment: 'node',
    maxWorkers: '100%',
    restoreMocks: true,
    testTimeout: 60_000,
  },
});
