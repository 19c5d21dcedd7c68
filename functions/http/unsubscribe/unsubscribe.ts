import type { Links } from '../../../core/link/links.ts';
import type { Stopped, StopReason } from '../../../core/mail/stop-list.ts';
import { keepOutOfLogs, log } from '../../../core/step/log.ts';
import type { PageRequest } from '../../../core/step/page-route.ts';
import type { Answer } from '../../../core/step/route.ts';
import { show } from './page.ts';

type Ports = {
  readLink: Links['read'];
  stopList: {
    find: (key: string) => Promise<Stopped | undefined>;
    stop: (key: string, because: StopReason) => Promise<boolean>;
    resume: (key: string) => Promise<boolean>;
  };
};

/**
 * Stops the mails to one address. GET changes nothing and shows a button, since scanners of mail follow every link;
 * POST stops them, whatever it says, as mail programs send it (RFC 8058), but for the button that takes it back.
 */
export const unsubscribe =
  ({ readLink, stopList }: Ports) =>
  async ({ routeKey, query, body }: PageRequest): Promise<Answer> => {
    const { j: jobId = '', k: token } = query;
    keepOutOfLogs(token);
    // A mail may be years old when somebody has had enough of them: also an expired link of ours will do.
    const read = await readLink(token, { jobId, purpose: 'unsubscribe' });
    if (read.verdict === 'forged' || !read.subject) return show('wrongLink');
    const key = read.subject;
    if (!routeKey.startsWith('POST ')) return show(shownFor(await stopList.find(key)));

    if (new URLSearchParams(body.toString('utf8')).has('again')) {
      const isResumed = await stopList.resume(key);
      log.info('mails resumed', { isResumed });
      return show(isResumed ? 'resumed' : 'barred');
    }
    await stopList.stop(key, 'unsubscribed');
    log.info('mails stopped');
    return show(shownFor(await stopList.find(key)));
  };

const shownFor = (stopped: Stopped | undefined) =>
  stopped === undefined ? 'ask' : stopped.because === 'unsubscribed' ? 'stopped' : 'barred';
