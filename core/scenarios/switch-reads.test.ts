import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';
import { expect, test } from 'vitest';
import { SWITCH_NAMES } from '../policy/switches.ts';

const CORE = fileURLToPath(new URL('..', import.meta.url));

/** The sources of the machine: no tests, and not what only tells of the switches. */
const sources = readdirSync(CORE, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !/(\.test\.ts$|\/testing\/|^policy\/|^scenarios\/|^script\/)/.test(file))
  .map((file) => ({ file, text: readFileSync(join(CORE, file), 'utf8') }));

test('a switch is read at one place of the machine, or one in each driver, and no invariant, view or command reads one', () => {
  expect(sources.length).toBeGreaterThan(200);
  for (const name of SWITCH_NAMES) {
    const uses = sources.flatMap(({ file, text }) => [...text.matchAll(new RegExp(`'${name}'`, 'g'))].map(() => file));
    const elsewhere = uses.filter((file) => !file.startsWith('drivers/riscv-iommu/'));
    expect(elsewhere, name).toHaveLength(1);
    expect(uses.length, name).toBeLessThanOrEqual(elsewhere[0]?.startsWith('drivers/arm-smmu-v3/') ? 2 : 1);
    expect(elsewhere[0], name).toMatch(/^(hardware|devices|process|iommu|faults|drivers)\//);
    expect(
      sources.filter(({ text }) => text.includes(`hasBug(world, '${name}')`)),
      name,
    ).toHaveLength(uses.length);
  }
});

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value;

/** Each node with those around it, the nearest first. */
function visits(node: Node, around: readonly Node[] = []): { node: Node; around: readonly Node[] }[] {
  const children = Object.values(node).flat().filter(isNode);
  return [{ node, around }, ...children.flatMap((child) => visits(child, [node, ...around]))];
}

/** What a switch, or the name of its answer, is used for where it does not decide: nothing. */
function otherUses(text: string): string[] {
  const all = visits(parseSync('source.ts', text).program as unknown as Node);
  const usesOf = (name: string, within: Node | undefined) =>
    all.filter(({ node, around }) => node['name'] === name && (within === undefined || around.includes(within)));
  const strange = (node: Node, [parent, ...further]: readonly Node[]): Node[] => {
    if (parent === undefined) return [node];
    const goOn = (): Node[] => strange(parent, further);
    if (['LogicalExpression', 'UnaryExpression', 'ParenthesizedExpression'].includes(parent.type)) return goOn();
    const isAsked = /^(IfStatement|ConditionalExpression)$/.test(parent.type) && parent['test'] === node;
    const isAnswer = parent.type === 'ReturnStatement' || (/Function/.test(parent.type) && parent['body'] === node);
    if (isAsked || isAnswer) return [];
    const named = parent['id'];
    if (parent.type !== 'VariableDeclarator' || !isNode(named)) return [node];
    const scope = further.find(({ type }) => type === 'BlockStatement');
    const uses = usesOf(String(named['name']), scope).filter((use) => use.node !== named);
    return uses.flatMap((use) => strange(use.node, use.around));
  };
  const calls = all.filter(({ node }) => isNode(node['callee']) && node['callee']['name'] === 'hasBug');
  return calls.flatMap(({ node, around }) => strange(node, around)).map(({ start, end }) => text.slice(start, end));
}

test('a switch decides, as a guard, in a condition or as the answer of one: it is not told, stored or handed on', () => {
  const readers = sources.filter(({ text }) => text.includes('hasBug('));

  expect(readers.length).toBeGreaterThan(12);
  expect(readers.flatMap(({ file, text }) => otherUses(text).map((use) => `${file}: ${use}`))).toEqual([]);
});

test.each([
  ["tell(world, { late: hasBug(world, 'entry-torn') });", ["hasBug(world, 'entry-torn')"]],
  ["const isLate = hasBug(world, 'entry-torn');\nrow.late = !isLate;", ['!isLate']],
  ["const isLate = hasBug(world, 'entry-torn');\nif (isLate) go();", []],
  ["const when = () => isQuiet(world) || hasBug(world, 'entry-torn');", []],
])('%j is seen through', (text, uses) => {
  expect(otherUses(text)).toEqual(uses);
});
