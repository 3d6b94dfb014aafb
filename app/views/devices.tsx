import { memo } from 'react';
import { devicesOf, isCrowd } from '../draw/focus.ts';
import { shortAddress } from '../draw/text.ts';
import type { DeviceView, GroupView, JobView, RequestView } from '../engine/contract.ts';
import { Column } from '../kit/column.tsx';
import { FoldButton, Folded, useUnfolded } from '../kit/fold.tsx';
import { Ghosts } from '../kit/ghosts.tsx';
import { Pill } from '../kit/pill.tsx';
import { usePointing } from '../kit/pointing.ts';
import { Thing } from '../kit/thing.tsx';
import { usePage } from '../store/context.tsx';
import { words } from '../words.ts';
import { CacheRows } from './cache.tsx';
import { Actor } from './processes.tsx';

/** Jobs that a device shows; of the finished ones only the last. */
const JOBS_SHOWN = 4;

/** The column of devices, in the groups that the IOMMU can tell apart. */
export function Devices() {
  const groups = usePage((page) => page.moment?.view.groups);
  return (
    <Column id="devices" title={words.columns.devices}>
      {groups?.map((group) => (
        <Group key={group.key} group={group} />
      ))}
      {groups?.length === 0 && <p className="empty">{words.none.devices}</p>}
    </Column>
  );
}

const Group = memo(function Group({ group }: { readonly group: GroupView }) {
  const container = usePage((page) =>
    page.moment?.view.kernel.containers.find(({ groups }) => groups.includes(group.name)),
  );
  return (
    <div className="group" data-box={words.device.group(group.name)}>
      <Thing name={group.key} className="group-name mono">
        <span>{words.device.group(group.name)}</span>
        <span className="grow" />
        <span className="muted">{words.device.domain(group.domain)}</span>
      </Thing>
      {container !== undefined && (
        <div className="muted small in-container">{words.device.container(container.name, container.owner)}</div>
      )}
      {group.devices.map((device) => (
        <Device key={device.key} device={device} />
      ))}
    </div>
  );
});

const Device = memo(function Device({ device }: { readonly device: DeviceView }) {
  const { key, name, bus, capabilities, bonds, atc, jobs, credits, requests, actors } = device;
  const crowd = usePage(({ moment }) => moment !== null && isCrowd(devicesOf(moment.view).length));
  const inFocus = usePage(({ focus }) => focus.device === key);
  const { pointed, pointing } = usePointing('scene', [name]);
  if (!useUnfolded(key, crowd, inFocus)) return <DeviceLine device={device} />;
  return (
    <article className={`card device ${pointed}`} data-box={name} data-anchor={key} {...pointing}>
      <Thing name={key} className="card-head" more={words.device.stream(device.sid)}>
        <strong>{name}</strong>
        <span className="grow" />
        <span className="mono muted">{bus}</span>
      </Thing>
      {crowd && <FoldButton name={key} title={name} />}
      <div className="capabilities">
        {capabilities.map((one) => (
          <span key={one} className="chip mono">
            {one}
          </span>
        ))}
      </div>
      <Bonds bonds={bonds} />
      {atc !== null && <CacheRows cache={atc} title={words.device.atc} />}
      <div className="card-title">
        {words.device.jobs}
        {jobs.length === 0 && <span className="muted small">{words.device.noJob}</span>}
      </div>
      {shownJobs(jobs).map((job) => (
        <Job key={job.key} job={job} />
      ))}
      {requests.map((request) => (
        <Request key={request.key} request={request} />
      ))}
      <Ghosts of={key} />
      {credits !== null && (
        <div className="muted small credits">{words.device.credits(credits.used, credits.allowed)}</div>
      )}
      {actors
        .filter(({ doing }) => doing !== null)
        .map((actor) => (
          <Actor key={actor.key} actor={actor} />
        ))}
    </article>
  );
});

/** Pills that a device shows in its line; of more than these the first, and the number of the others. */
const PILLS_SHOWN = 2;

/** A device among many: who is bound to it, and whether it works or waits. */
function DeviceLine({ device: { key, name, bonds, jobs } }: { readonly device: DeviceView }) {
  const open = jobs.filter(({ state }) => state !== 'done' && state !== 'failed');
  const shown = bonds.slice(0, bonds.length > PILLS_SHOWN ? 1 : PILLS_SHOWN);
  const waits = open.some(({ state }) => state === 'waiting');
  return (
    <Folded name={key} box={name} anchor={key} className="device-line">
      <strong>{name}</strong>
      {waits ? (
        <b className="fault-text small">{words.device.waits}</b>
      ) : (
        <span className="muted small">{words.device.work(open.length)}</span>
      )}
      <span className="grow" />
      {shown.map(({ key: bond, pasid, mm }) => (
        <Pill key={bond} pasid={pasid} mm={mm} />
      ))}
      {bonds.length > shown.length && (
        <span className="muted small">{words.device.others(bonds.length - shown.length)}</span>
      )}
    </Folded>
  );
}

function shownJobs(jobs: readonly JobView[]): readonly JobView[] {
  const open = jobs.filter(({ state }) => state !== 'done');
  const done = jobs.filter(({ state }) => state === 'done').slice(-1);
  return [...done, ...open].slice(0, JOBS_SHOWN);
}

const Bonds = memo(function Bonds({ bonds }: { readonly bonds: DeviceView['bonds'] }) {
  if (bonds.length === 0) return <div className="muted small bonds">{words.device.unbound}</div>;
  return (
    <div className="bonds">
      {bonds.map(({ key, mm, pasid, uses }) => (
        <Thing key={key} name={key} mm={mm} className="row">
          <span className="muted small">{words.device.bonds}</span>
          <Pill pasid={pasid} mm={mm} />
          <span className="grow" />
          <span className="muted small">{words.device.uses(uses)}</span>
        </Thing>
      ))}
    </div>
  );
});

const Job = memo(function Job({ job }: { readonly job: JobView }) {
  const { key, what, address, mm, pasid, state, note } = job;
  return (
    <Thing
      name={key}
      mm={mm}
      className={`job ${state}`}
      anchor={state === 'waiting' || state === 'running' ? key : undefined}
    >
      <span className="job-line">
        <b>{what}</b>
        <span className="grow" />
        {pasid !== null && <Pill pasid={pasid} mm={mm} />}
      </span>
      <span className="job-line">
        <span className="mono">{shortAddress(address)}</span>
        <span className="grow" />
        {note === '' && <span className="job-state">{words.device.states[state]}</span>}
      </span>
      {note !== '' && <span className="job-state">{jobState(job)}</span>}
    </Thing>
  );
});

/** The note, and the state where the note does not say it. */
function jobState({ state, note }: JobView): string {
  const known = words.device.states[state];
  return note.startsWith(known) || state === 'running' ? note : `${known}: ${note}`;
}

const Request = memo(function Request({ request }: { readonly request: RequestView }) {
  return (
    <Thing name={request.key} mm={request.mm} className="row">
      <span className="dot round" aria-hidden="true" />
      <span className="small">{words.device.request(request.group)}</span>
      <span className="grow" />
      <span className="muted small">{request.pages}</span>
    </Thing>
  );
});
