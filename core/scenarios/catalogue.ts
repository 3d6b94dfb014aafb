/// <reference path="./raw.d.ts" />
import catMaps from '../process/testdata/cat.maps?raw';
import perlMaps from '../process/testdata/perl.maps?raw';
import firstTouch from './first-touch.svm?raw';
import realProcess from './real-process.svm?raw';
import sharedPointer from './shared-pointer.svm?raw';
import unmapDuringDma from './unmap-during-dma.svm?raw';

/** A script of the catalogue. */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** One sentence or two. */
  readonly summary: string;
  readonly text: string;
}

/** All scenarios, the simplest first. */
export const SCENARIOS: readonly Scenario[] = [
  describeScript('first-touch', firstTouch),
  describeScript('shared-pointer', sharedPointer),
  describeScript('unmap-during-dma', unmapDuringDma),
  describeScript('real-process', realProcess),
];

/** Texts that the commands of a script can name. */
export const FILES: Readonly<Record<string, string>> = { 'cat.maps': catMaps, 'perl.maps': perlMaps };

/** A script tells its title and summary in the comments that it begins with: "# Title: summary". */
export function describeScript(id: string, text: string): Scenario {
  const comments = /^(?:#.*\n)*/.exec(text)?.[0].replaceAll(/^# ?/gm, '').trim().split('\n') ?? [];
  const [title = '', summary = ''] = comments.join(' ').split(/: (.*)/s);
  return { id, title, summary: summary.charAt(0).toUpperCase() + summary.slice(1), text };
}
