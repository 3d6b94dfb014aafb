import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Proofs take minutes: `npm run prove` plays them. */
const proofs = process.env['SVM_PROVE'] === '1' ? [] : ['**/*.proof.test.ts'];

const exclude = [...configDefaults.exclude, ...proofs];

/** Folders whose tests make schemas or steps of their own, which go together in one process with those of no other folder. */
const OWN_WORLDS = ['sim', 'world', 'process', 'hardware'];
/** Each of these goes together with nobody: a table belongs to one schema of a process, and a name to one step. */
const ALONE = [
  'core/process/age.test.ts',
  'core/hardware/smmuv3/{staleness,conformance,conformance-stall}.test.ts',
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
 * all tests of a worker as far as they go together, as loading them takes longer than most tests do.
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
          exclude: [...exclude, ...ALONE, `core/{${OWN_WORLDS}}/**`],
          isolate: false,
        },
      },
      ...OWN_WORLDS.map((name) => ({
        extends: true as const,
        test: { name, include: [`core/${name}/**/*.test.ts`], exclude: [...exclude, ...ALONE], isolate: false },
      })),
      { extends: true, test: { name: 'alone', include: ALONE, exclude } },
    ],
  },
});
