import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from './clock.ts';
import type { Faults } from './faults.ts';
import type { Library, SimulatedFile, SimulatedMeeting } from './meeting.ts';
import type { RecordedRequest } from './requests.ts';
import type { Tokens } from './tokens.ts';

export type RateLabel = 'Light' | 'Medium' | 'Heavy';

/** How this Zoom behaves where the real one is known to vary. */
export type Habits = {
  /** What the download host says to a token that is too old, unknown or of the wrong kind. */
  badTokenAnswer: '401' | 'json59' | 'html200';
  /** Whether the storage honours Range. */
  ranges: boolean;
  /** Life of a signed storage URL, in seconds. */
  signedUrlSeconds: number;
  /** Requests a second per label; no entry, no limit. */
  rateLimits: Partial<Record<RateLabel, number>>;
  /** What the app was granted. A token keeps what it was issued with. */
  scopes: readonly string[];
};

/** What every part of the simulator shares. */
export type World = {
  readonly accountId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clock: Clock;
  readonly tokens: Tokens;
  readonly library: Library;
  readonly faults: Faults;
  readonly habits: Habits;
  /** Tells of what was done over REST, as the person who made the app. */
  readonly tell: (event: 'recording.trashed' | 'recording.deleted' | 'recording.recovered', done: Done) => void;
  /** Known once the servers listen. */
  readonly origins: { main: string; storage: string };
};

export type Done = { readonly meeting: SimulatedMeeting; readonly files: readonly SimulatedFile[] };

export type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly record: RecordedRequest;
};

/** Unix seconds. */
export const secondsNow = (world: World): number => Math.floor(world.clock.now() / 1000);
