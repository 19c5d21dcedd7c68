import { findInsights } from '../core/insight/find-insights.ts';
import type { Transcript } from '../core/transcript/transcript.ts';
import { budgets } from './budgets.ts';
import { judge, ms, note, table, title, type Verdict } from './report.ts';

const hours = 3;
const people = ['Ada Lovelace', 'Bob Chen', 'Carla Ruiz', 'Mei Tanaka', 'Tom Berg', 'Zoe Haddad'];
const things =
  'budget,reading room,search index,booking form,contract,server,load test,catalogue,press release,workshop,survey,printer'.split(
    ',',
  );
const deeds = 'prepare,review,send,update,circulate,order,benchmark,translate,archive,present'.split(',');
const days = 'Monday,Tuesday,next Friday,the end of the month,tomorrow,May 5th'.split(',');
const patterns = [
  'The {thing} is ready and the numbers of the {thing} look good so far.',
  "I'll {deed} the {thing} by {day}.",
  'Last week we talked about the {thing} with the people from the {thing} for an hour.',
  'Can you {deed} the {thing} before {day}?',
  'Sure, I can do that.',
  'What happens to the {thing} after the {thing}?',
  'We have the same problem with the {thing} on phones, because nobody could test it there.',
  'We agreed to {deed} the {thing} in the spring.',
  'So from our side there is nothing new, the {thing} still waits for the {thing}.',
  'Um, it would be great if the {thing} was a little faster, you know.',
];

/** The same every time: sentences of a meeting at 150 words a minute, in captions that break in the middle of them. */
const longMeeting = (): { transcript: Transcript; words: number } => {
  let seed = 11;
  const pick = <Item>(list: readonly Item[]): Item => {
    seed = (seed * 48_271) % 2_147_483_647;
    return list[seed % list.length] as Item;
  };
  const segments: Transcript['segments'] = [];
  let words = 0;
  let startMs = 0;
  while (startMs < hours * 3_600_000) {
    const speaker = `s${people.indexOf(pick(people)) + 1}`;
    const turn = Array.from({ length: 3 }, () =>
      pick(patterns).replace(/\{(thing|deed|day)\}/g, (_all, kind: string) =>
        pick(kind === 'thing' ? things : kind === 'deed' ? deeds : days),
      ),
    );
    const spoken = turn.join(' ').split(' ');
    words += spoken.length;
    while (spoken.length > 0) {
      const line = spoken.splice(0, 9);
      const endMs = startMs + line.length * 400;
      segments.push({ id: String(segments.length + 1), startMs, endMs, speaker, text: line.join(' ') });
      startMs = endMs;
    }
  }
  const speakers = people.map((name, index) => ({ id: `s${index + 1}`, name }));
  return { transcript: { origin: 'zoom-vtt', durationMs: startMs, speakers, segments }, words };
};

/** What FindInsights does between reading the transcript and writing what it found, with nothing loaded before. */
export const insights = (): Promise<Verdict[]> => {
  title(`Insights without any service: a meeting of ${hours} hours`);
  const { transcript, words } = longMeeting();
  const runs = ['first, with the model', 'second'].map((name) => {
    const started = performance.now();
    const cpu = process.cpuUsage();
    const found = findInsights(transcript);
    const millis = performance.now() - started;
    const { user, system } = process.cpuUsage(cpu);
    return { name, millis, cpuMillis: (user + system) / 1_000, found };
  });
  const [first] = runs;
  if (!first || first.found.actionItems.length === 0 || first.found.chapters.length === 0)
    throw new Error('the engine found nothing in the meeting that it is measured with');
  table(
    ['run', 'time', 'CPU'],
    runs.map(({ name, millis, cpuMillis }) => [name, ms(millis), ms(cpuMillis)]),
  );
  note(`${words.toLocaleString('en')} words in ${transcript.segments.length.toLocaleString('en')} captions.`);
  return Promise.resolve([
    judge(
      `${hours} hours of talk take ${(first.millis / 1_000).toFixed(2)} s, at most ${budgets.insightsSeconds} s`,
      first.millis <= budgets.insightsSeconds * 1_000,
    ),
  ]);
};
