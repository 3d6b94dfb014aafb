import { memo } from 'react';
import { shortAddress } from '../draw/text.ts';
import type { DeviceView, GroupView, JobView, RequestView } from '../engine/contract.ts';
import { Column } from '../kit/column.tsx';
import { Pill } from '../kit/pill.tsx';
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
  return (
    <article className="card device" data-box={name} data-anchor={key}>
      <Thing name={key} className="card-head" more={words.device.stream(device.sid)}>
        <strong>{name}</strong>
        <span className="grow" />
        <span className="mono muted">{bus}</span>
      </Thing>
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
