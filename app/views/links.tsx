import { useLayoutEffect, useState } from 'react';
import { inSight, isWithin, linkBetween, type Rect } from '../draw/links.ts';
import { shortAddress, shortLabel } from '../draw/text.ts';
import type { JobView, MachineView, SlotView } from '../engine/contract.ts';
import { hueOf } from '../kit/thing.tsx';
import { usePage } from '../store/context.tsx';
import { keepEqual } from '../store/share.ts';
import { openTreeOf, treeKey } from '../store/state.ts';

const IN_FLIGHT: ReadonlySet<string> = new Set(['running', 'waiting']);

interface Link {
  readonly id: string;
  readonly kind: 'cpu' | 'device' | 'request';
  readonly from: string;
  readonly to: string;
  readonly mm: number | null;
}

interface Drawn extends Link {
  readonly path: string;
}

/** Arrows between the columns. They lie under the boxes, so that they are seen in the gaps and cover no word. */
export function Links({ scene: frame }: { readonly scene: HTMLElement | null }) {
  const view = usePage((page) => page.moment?.view);
  const open = usePage(openTreeOf);
  const [drawn, setDrawn] = useState<readonly Drawn[]>([]);
  useLayoutEffect(() => {
    if (frame === null || view === undefined) return;
    const draw = () => {
      const next = linksOf(view, open).flatMap((link) => drawLink(frame, link));
      setDrawn((old) => keepEqual(old, next));
    };
    draw();
    const watch = new ResizeObserver(draw);
    watch.observe(frame);
    frame.addEventListener('scroll', draw, { capture: true, passive: true });
    return () => {
      watch.disconnect();
      frame.removeEventListener('scroll', draw, { capture: true });
    };
  }, [frame, view, open]);
  return (
    <svg className="links" aria-hidden="true">
      <defs>
        {['cpu', 'device', 'request'].map((kind) => (
          <marker
            key={kind}
            id={`head-${kind}`}
            className={kind}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="8"
            markerHeight="8"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M0,0L8,4L0,8Z" fill="context-stroke" />
          </marker>
        ))}
      </defs>
      {drawn.map(({ id, kind, mm, path }) => (
        <path key={id} className={`link ${kind}`} data-hue={hueOf(mm)} d={path} markerEnd={`url(#head-${kind})`} />
      ))}
    </svg>
  );
}

/** Both roots of the open tree, and each waiting job with its record in a queue. */
function linksOf(view: MachineView, open: string | null): Link[] {
  const mm = view.trees.find((tree) => treeKey(tree) === open)?.mm ?? null;
  const roots: Link[] =
    open === null
      ? []
      : [
          { id: 'cpu', kind: 'cpu', from: `process/${mm}`, to: `ttbr/${open}`, mm },
          { id: 'device', kind: 'device', from: `root/${open}`, to: `ttb/${open}`, mm },
        ];
  const waiting = view.groups
    .flatMap(({ devices }) => devices)
    .flatMap(({ jobs }) => jobs.filter(({ state }) => state === 'waiting'));
  const slots = view.iommus.flatMap(({ queues }) => queues.flatMap((queue) => queue.slots));
  const requests = waiting.flatMap((job): Link[] => {
    const slot = slots.find((one) => isAbout(one, job));
    return slot === undefined ? [] : [{ id: job.key, kind: 'request', from: job.key, to: slot.key, mm: job.mm }];
  });
  return [...roots, ...requests, ...stalledLinks(view)];
}

/** A device whose transactions are stalled has one job at a time: they are its. */
function stalledLinks({ iommus, groups }: MachineView): Link[] {
  const devices = groups.flatMap((group) => group.devices);
  return iommus
    .flatMap(({ stalls }) => stalls.held)
    .flatMap(({ key, device, mm }): Link[] => {
      const job = devices.find(({ name }) => name === device)?.jobs.find(({ state }) => IN_FLIGHT.has(state));
      return job === undefined ? [] : [{ id: key, kind: 'request', from: job.key, to: key, mm }];
    });
}

/** Whether a live record tells of the page that a job waits for. */
function isAbout({ live, mm, label }: SlotView, job: JobView): boolean {
  if (!live || mm !== job.mm) return false;
  const [, page = ''] = shortLabel(label, label.length).split(' ');
  const wanted = shortAddress(job.address);
  return page !== '' && page.slice(0, 4) === wanted.slice(0, 4) && page.at(-4) === wanted.at(-4);
}

function drawLink(frame: HTMLElement, link: Link): Drawn[] {
  const from = anchored(frame, link.from);
  const to = anchored(frame, link.to);
  if (from === null || to === null) return [];
  return [{ ...link, path: linkBetween(from, link.kind === 'request' ? toCard(frame, link.to, to) : to) }];
}

/** A record is pointed at from the edge of its card: the way through the card would cross its words. */
function toCard(frame: HTMLElement, name: string, slot: Rect): Rect {
  const card = frame.querySelector(`[data-anchor="${CSS.escape(name)}"]`)?.closest('.card');
  if (!card) return slot;
  const { left, width } = relative(frame, card);
  return { ...slot, left, width };
}

/** Where a thing is in the scene, or null when it is not there or scrolled out of its column. */
function anchored(frame: HTMLElement, name: string): Rect | null {
  const element = frame.querySelector(`[data-anchor="${CSS.escape(name)}"]`);
  if (element === null || element.getClientRects().length === 0) return null;
  const rect = relative(frame, element);
  const scroller = element.closest('.column-scroll');
  const column = scroller === null ? rect : relative(frame, scroller);
  // A card is pointed at beside its name, or as near to it as the card is in sight.
  const head = element.querySelector('.card-head');
  if (head !== null) return inSight({ ...relative(frame, head), left: rect.left, width: rect.width }, rect, column);
  return isWithin(rect, column) ? rect : null;
}

function relative(frame: HTMLElement, element: Element): Rect {
  const origin = frame.getBoundingClientRect();
  const { left, top, width, height } = element.getBoundingClientRect();
  return { left: left - origin.left, top: top - origin.top, width, height };
}
