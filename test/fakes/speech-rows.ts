import type { SpeechRows, SpeechWork } from '../../core/job/speech-rows.ts';

/** Rows of speech recognition in memory; test/local/speech-rows.test.ts holds them against the table. */
export const fakeSpeechRows = (now: () => Date = () => new Date('2026-01-12T16:10:00Z')) => {
  const stored = new Map<string, SpeechWork>();
  const tokens = new Map<string, Set<string>>();
  const keyOf = ({ jobId, driver, workId }: Pick<SpeechWork, 'jobId' | 'driver' | 'workId'>): string =>
    [jobId, driver, workId].join('#');
  const change = (work: SpeechWork, set: (found: SpeechWork) => SpeechWork): Promise<boolean> => {
    const found = stored.get(keyOf(work));
    if (found?.name !== work.name || !['planned', 'started'].includes(found.status)) return Promise.resolve(false);
    stored.set(keyOf(work), set(found));
    return Promise.resolve(true);
  };
  const without = (work: SpeechWork, ...names: (keyof SpeechWork)[]): SpeechWork => {
    const copy = { ...work };
    for (const name of names) delete copy[name];
    return copy;
  };
  const rows: SpeechRows = {
    works: (jobId, driver) =>
      Promise.resolve(
        [...stored.values()]
          .filter((work) => work.jobId === jobId && work.driver === driver)
          .sort((a, b) => (a.workId < b.workId ? -1 : 1)),
      ),
    work: (jobId, driver, workId) => Promise.resolve(stored.get([jobId, driver, workId].join('#'))),
    plan: (work) => {
      if (!stored.has(keyOf(work))) stored.set(keyOf(work), work);
      return Promise.resolve();
    },
    started: (work, reference) =>
      change(work, (found) => ({
        ...found,
        status: 'started',
        startedAt: work.startedAt ?? now().toISOString(),
        ...(reference !== undefined && { reference }),
      })),
    heard: (work, resultKey) =>
      change(work, (found) => ({ ...found, status: 'heard', ...(resultKey !== undefined && { resultKey }) })),
    failed: (work, because) => change(work, (found) => ({ ...found, status: 'failed', because })),
    again: (work, name) =>
      change(work, (found) => ({
        ...without(found, 'startedAt', 'reference'),
        ...{ status: 'planned', name, attempt: work.attempt + 1 },
      })),
    wait: (jobId, token) => {
      tokens.set(jobId, (tokens.get(jobId) ?? new Set<string>()).add(token));
      return Promise.resolve();
    },
    tokens: (jobId) => Promise.resolve([...(tokens.get(jobId) ?? [])]),
    answered: (jobId, told) => Promise.resolve(told.forEach((token) => tokens.get(jobId)?.delete(token))),
  };
  return { ...rows, stored };
};
