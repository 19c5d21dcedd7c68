import { createServer } from 'node:net';
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
  const ports = {
    page: portOf(names.page),
    api: portOf(names.api),
    gateway: portOf(names.gateway),
    zoom: portOf(names.zoom),
    zoomStorage: portOf(names.zoomStorage),
  };
  const taken = new Map<number, string>();
  for (const [of, [name]] of Object.entries(names)) {
    const port = ports[of as keyof typeof names];
    const other = port === 0 ? undefined : taken.get(port);
    if (other) throw new Complaint(`${other} and ${name} are both ${port}: give each a port of its own.`);
    taken.set(port, name);
  }
  return ports;
};

/** What a person can do about a port that cannot be had, in a sentence. */
const complaintAbout = (name: string, port: number, { code, message }: NodeJS.ErrnoException): Complaint => {
  if (code === 'EADDRINUSE') return new Complaint(`Port ${port} is in use. Stop what uses it, or set ${name}.`);
  if (code === 'EACCES') return new Complaint(`Port ${port} may not be opened by this user. Set ${name} above 1023.`);
  return new Complaint(`Port ${port} cannot be opened (${message}). Set ${name}.`);
};

/** Tried before anything else is begun, so that a taken port is told at once and by the name of its setting. */
export const assertFree = async (ports: Partial<Record<keyof typeof names, number>>): Promise<void> => {
  for (const [of, port] of Object.entries(ports)) {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(complaintAbout(names[of as keyof typeof names][0], port, error)));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
    });
  }
};
