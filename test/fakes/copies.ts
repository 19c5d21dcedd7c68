import type { JobTable } from '../../core/job/table.ts';
import type { Ports as PlanPorts } from '../../functions/recording/plan-download/plan-download.ts';
import { fakeBucket } from './bucket.ts';
import { plainSettings } from './settings.ts';

/** What PlanDownload needs where no file is worth a look before it is fetched, and Zoom cannot be asked. */
export const planPorts = (jobs: JobTable): PlanPorts => ({
  ...plainSettings,
  jobs,
  plans: { write: () => Promise.resolve() },
  zoom: { hasCredentials: () => Promise.resolve(false), downloads: () => Promise.resolve(undefined) },
  open: () => Promise.reject(new Error('nothing is to be opened')),
  archive: fakeBucket().archive,
  now: () => new Date('2026-01-12T16:10:00Z'),
  mediaTask: false,
});
