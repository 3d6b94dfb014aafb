import { expect, test } from 'vitest';
import { readBookmarks } from './bookmark-text.ts';
import { linkTo, readLink } from './link.ts';

const BASE = new URL('https://example.org/svm/?motion=off');
const run = {
  scenario: 'first-touch',
  script: 'machine smmuv3\n',
  policy: null,
  bug: null,
  backend: null,
  version: '0.1.0+abc',
};

test('a link to a scenario names it, the moment, the fingerprint and the version', async () => {
  const url = await linkTo({ run, at: 27, fingerprint: '9f3c' }, BASE);

  expect(url.href).toBe('https://example.org/svm/?scenario=first-touch&at=27&fp=9f3c&v=0.1.0%2Babc&motion=off');
});

test('a link is read as it was made', async () => {
  const { source, problems } = await readLink(await linkTo({ run, at: 27, fingerprint: '9f3c' }, BASE));

  expect(problems).toEqual([]);
  expect(source).toEqual({ scenario: 'first-touch', at: 27, fingerprint: '9f3c', version: '0.1.0+abc' });
});

test('a link carries the kernel design that was chosen, and none that was not', async () => {
  const url = await linkTo({ run: { ...run, policy: 'mainline,bonds=counted' }, at: 27, fingerprint: null }, BASE);

  expect(url.href).toContain('policy=mainline%2Cbonds%3Dcounted');
  expect((await readLink(url)).source).toMatchObject({ scenario: 'first-touch', policy: 'mainline,bonds=counted' });
  expect((await linkTo({ run, at: 27, fingerprint: null }, BASE)).href).not.toContain('policy');
});

test('a link carries the bug that was chosen, or that there is to be none', async () => {
  const url = await linkTo({ run: { ...run, bug: 'none' }, at: 27, fingerprint: null }, BASE);

  expect((await readLink(url)).source).toMatchObject({ scenario: 'first-touch', bug: 'none' });
  expect((await linkTo({ run, at: 27, fingerprint: null }, BASE)).href).not.toContain('bug');
});

test('a link carries the back end that was chosen', async () => {
  const url = await linkTo({ run: { ...run, backend: 'riscv' }, at: 27, fingerprint: null }, BASE);

  expect((await readLink(url)).source).toMatchObject({ scenario: 'first-touch', backend: 'riscv' });
});

test('a run of one\u2019s own travels as its script', async () => {
  const script = 'machine smmuv3\nnote "Grüße, 世界"\n'.repeat(50);

  const url = await linkTo({ run: { ...run, scenario: null, script }, at: 3, fingerprint: 'ff' }, BASE);

  expect(url.hash).toMatch(/^#script=[\w-]+$/);
  expect(url.href.length).toBeLessThan(400);
  expect((await readLink(url)).source).toEqual({ script, at: 3, fingerprint: 'ff', version: '0.1.0+abc' });
});

test('a bare address opens the first scenario', async () => {
  expect((await readLink(new URL('https://example.org/'))).source).toEqual({ scenario: 'first-touch' });
});

test('a damaged script is told, and gives the first scenario without its promise', async () => {
  for (const damaged of ['%%%', 'AAAA', 'x']) {
    const { source, problems } = await readLink(new URL(`https://example.org/?fp=12#script=${damaged}`));
    expect(problems).toHaveLength(1);
    expect(source).toEqual({ scenario: 'first-touch' });
  }
});

test('an event that is no number is told', async () => {
  const { source, problems } = await readLink(new URL('https://example.org/?scenario=x&at=1e9'));

  expect(problems).toEqual([expect.stringContaining('"1e9"')]);
  expect(source).toEqual({ scenario: 'x' });
});

test('a link carries what is selected and the bookmarks with their notes', async () => {
  const bookmarks = [
    { event: 3, note: 'bind & "Grüße"', fingerprint: '0123456789abcdef' },
    { event: 30, note: '', fingerprint: null },
  ];
  const url = await linkTo({ run, at: 27, fingerprint: '9f3c', selected: 'device/0', bookmarks }, BASE);

  expect(url.hash).toMatch(/^#marks=[\w-]+$/);
  expect(await readLink(url)).toMatchObject({ problems: [], selected: 'device/0', bookmarks });
});

test('a damaged selection and damaged bookmarks are told, and take nothing from the moment', async () => {
  const { source, problems, selected, bookmarks } = await readLink(
    new URL(`https://example.org/?scenario=x&fp=12&sel=${encodeURIComponent('<img src=x>')}#marks=AAAA`),
  );

  expect(problems).toEqual([expect.stringContaining('"<img src=x>"'), expect.stringContaining('bookmarks')]);
  expect(source).toEqual({ scenario: 'x', fingerprint: '12' });
  expect([selected, bookmarks]).toEqual([null, []]);
});

test('bookmarks that are none are not taken', () => {
  for (const text of [
    '{}',
    '7',
    '[7]',
    '[[1,"a"]]',
    '[[-1,"",null]]',
    '[[1.5,"",null]]',
    '[[1,2,null]]',
    '[[1,"","<b>"]]',
  ]) {
    expect(readBookmarks(text), text).toBeNull();
  }
  expect(readBookmarks(`[[1,"${'x'.repeat(201)}",null]]`)).toBeNull();
  expect(readBookmarks(JSON.stringify(new Array(101).fill([1, '', null])))).toBeNull();
});
