import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Proofs take minutes: `npm run prove` plays them. */
const proofs = process.env['SVM_PROVE'] === '1' ? [] : ['**/*.proof.test.ts'];

const exclude = [...configDefaults.exclude, ...proofs];

/** Each of them makes its own schema, or steps of its own: a table belongs to one schema of a process, and a name to one step. */
const OWN_WORLD = [
  'core/{sim,world,process,hardware}/**/*.test.ts',
  'core/export/observe.test.ts',
  'core/play/events.test.ts',
];

/** Random sequences of a whole machine take longer than any other file: they begin first, so that no core waits for them. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean => moduleId.endsWith('random.property.test.ts');
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/**
 * Tests sit beside the code and need no browser; what needs one is in e2e/. The modules of the machine are loaded once for
 * all tests of a worker but for those, as loading them takes longer than most tests do.
 */
export default defineConfig({
  test: {
    environment: 'node',
    maxWorkers: '100%',
    restoreMocks: true,
    testTimeout: 60_000,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'machine',
          include: ['core/**/*.test.ts', 'app/**/*.test.{ts,tsx}'],
          exclude: [...exclude, ...OWN_WORLD],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'own world', include: OWN_WORLD, exclude } },
    ],
  },
});
