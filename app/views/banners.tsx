import type { RunReport } from '../engine/contract.ts';
import { Button } from '../kit/button.tsx';
import { linkTo } from '../link.ts';
import { sentenceOf } from '../sentences.ts';
import { useActions, usePage, useRestart } from '../store/context.tsx';
import { words } from '../words.ts';
import { Renewal } from './renewal.tsx';
import { copy } from './share.tsx';

/** What the person must know: a broken claim, an engine that is gone, notes about the link. */
export function Banners() {
  const report = usePage((page) => page.run?.report ?? null);
  const dead = usePage((page) => page.dead);
  const shown = usePage((page) => page.moment !== null);
  const notices = usePage((page) => page.notices);
  const restart = useRestart();
  const { dismiss } = useActions();
  return (
    <div className="banners">
      {dead !== null && (
        <div className="banner fault" role="alert">
          <span className="wrap">
            <b>{shown ? words.report.dead : words.report.notStarted}</b> <span className="muted">{dead}</span>
          </span>
          <Button onClick={restart}>{words.report.again}</Button>
        </div>
      )}
      {report !== null && <Report report={report} />}
      <Renewal />
      {notices.map(({ id, text }) => (
        <div key={id} className="banner" role="status">
          <span className="wrap">{text}</span>
          <Button kind="quiet" icon="close" label={words.notices.dismiss} onClick={() => dismiss(id)} />
        </div>
      ))}
    </div>
  );
}

function Report({ report }: { readonly report: RunReport }) {
  const run = usePage((page) => page.run);
  const { seek } = useActions();
  const copyLink = async () => {
    if (run === null) return;
    const link = await linkTo({ run, at: report.event, fingerprint: null }, new URL(location.href));
    await copy(link.href);
  };
  return (
    <div className="banner fault" role={report.expected ? 'status' : 'alert'}>
      <span className="wrap">
        <b>
          {words.report.kinds[report.kind]} {report.claim}
        </b>{' '}
        {sentenceOf(report.detail)} {report.expected && words.report.expected}
      </span>
      <Button onClick={() => seek(report.event)}>{words.report.show(report.event)}</Button>
      <Button kind="quiet" onClick={copyLink}>
        {words.report.link}
      </Button>
    </div>
  );
}
