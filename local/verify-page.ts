import type { Job } from '../core/job/job.ts';
import { mediaAddress, recordingPage } from '../core/page/recording-page.ts';
import type { Cloud } from './cloud.ts';
import { pageLink } from './page-link.ts';
import type { SimulatedMeeting } from './zoom/meeting.ts';

type Check = { readonly what: string; readonly isTrue: boolean; readonly found: string };

/** What a telephone on a train loads in a second or two. */
const mostBytes = 60_000;

/** Opens the page as a browser would: the shell, what it loads, and the beginning of the film. */
export const verifyPage = async (cloud: Cloud, meeting: SimulatedMeeting, job: Job, mail = ''): Promise<Check[]> => {
  const link = new URL((await pageLink(cloud, job.jobId))());
  const at = (below: string): URL => new URL(`${link.pathname}${below}${link.search}`, link);

  const shell = await fetch(link);
  const html = await shell.text();
  const assets = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
  const loaded = await Promise.all(assets.map((path) => fetch(new URL(path, link))));
  const data = await fetch(at('/data'));
  const page = recordingPage.parse(await data.json());
  // What a browser loads before it can show anything; fetch asks for it compressed, as a browser does.
  const bytes = [shell, ...loaded, data].reduce((sum, { headers }) => sum + Number(headers.get('content-length')), 0);
  const film = page.views[0]?.pieces[0]?.file ?? 'none';
  const { url } = mediaAddress.parse(await (await fetch(at(`/media/${film}`))).json());
  const media = await fetch(url, { headers: { range: 'bytes=0-11' } });
  const beginning = Buffer.from(await media.arrayBuffer()).toString('latin1');
  const captions = await (await fetch(at('/captions'))).text();

  const [mailed] = mail.match(/https?:\/\/\S+\/r\/\S+/) ?? [];
  const fromMail = mailed === undefined ? undefined : await fetch(mailed);
  await fromMail?.arrayBuffer();

  const forged = new URL(link);
  forged.searchParams.set('k', `${link.searchParams.get('k')?.slice(0, -4)}AAAA`);
  const refused = await fetch(forged);
  await refused.arrayBuffer();

  return [
    {
      what: 'The page of the recording opens, with its title and every line of the transcript',
      isTrue:
        shell.status === 200 &&
        loaded.length > 0 &&
        loaded.every(({ status }) => status === 200) &&
        page.title === meeting.topic &&
        (page.transcript?.segments.length ?? 0) > 0 &&
        captions.startsWith('WEBVTT'),
      found: `${page.transcript?.segments.length ?? 0} lines, ${page.files.length} files to save`,
    },
    {
      what: 'The mail leads there',
      isTrue: fromMail?.status === 200 && new URL(mailed ?? '').pathname === link.pathname,
      found: mailed?.replace(/\?.*/, '') ?? 'no link in the mail',
    },
    {
      what: `It weighs at most ${mostBytes / 1_000} kB before film and sound`,
      isTrue: bytes > 0 && bytes <= mostBytes,
      found: `${(bytes / 1_000).toFixed(1)} kB, compressed`,
    },
    {
      what: 'Its film can be played, from an address that is good for minutes',
      isTrue: media.status === 206 && beginning.slice(4, 8) === 'ftyp' && /X-Amz-Expires=900/.test(url),
      found: `${page.views.length} views`,
    },
    {
      what: 'Nobody opens it with a changed token',
      isTrue: refused.status === 403,
      found: `answered with ${refused.status}`,
    },
  ];
};
