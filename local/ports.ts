import { Complaint } from './complaint.ts';

const names = {
  page: ['RAPPORTEUR_PAGE_PORT', 4000],
  api: ['RAPPORTEUR_API_PORT', 3000],
  gateway: ['RAPPORTEUR_AWS_PORT', 4566],
  zoom: ['RAPPORTEUR_ZOOM_PORT', 4010],
  zoomStorage: ['RAPPORTEUR_ZOOM_STORAGE_PORT', 4011],
} as const satisfies Record<string, readonly [string, number]>;

/** Fixed for `npm start`, so that links last; any free ones for the demo, which nobody else needs to reach. */
export const portsFrom = (
  environment: Record<string, string | undefined>,
  mode: 'start' | 'demo',
): Record<keyof typeof names, number> => {
  const portOf = ([name, usual]: readonly [string, number]): number => {
    const given = environment[name];
    if (given === undefined) return mode === 'demo' ? 0 : usual;
    if (!/^\d{1,5}$/.test(given) || Number(given) > 65_535)
      throw new Complaint(`${name}: expected a port from 0 to 65535, not "${given}".`);
    return Number(given);
  };
  return {
    page: portOf(names.page),
    api: portOf(names.api),
    gateway: portOf(names.gateway),
    zoom: portOf(names.zoom),
    zoomStorage: portOf(names.zoomStorage),
  };
};
