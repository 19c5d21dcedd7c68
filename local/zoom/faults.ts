/** Where a fault can strike. */
export type Route =
  | 'token'
  | 'recordings'
  | 'userRecordings'
  | 'accountRecordings'
  | 'transcript'
  | 'deleteRecordings'
  | 'deleteFile'
  | 'recoverRecordings'
  | 'recoverFile'
  | 'meeting'
  | 'pastMeeting'
  | 'participants'
  | 'user'
  | 'download'
  | 'storage';

/** Gives another answer altogether. */
export type AnswerEffect =
  | { readonly kind: 'html200' }
  | { readonly kind: 'json59' }
  | { readonly kind: 'unauthorized' }
  | { readonly kind: 'expiredToken' }
  | {
      readonly kind: 'rateLimited';
      readonly retryAfter?: { readonly form: 'seconds' | 'http-date' | 'iso'; readonly seconds: number };
    }
  | { readonly kind: 'error'; readonly status: number }
  | { readonly kind: 'missing'; readonly as: '404' | 'html' }
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'redirectLoop' };

/** Shows a file as not ready. With `bare`, without type and URL, as during a meeting. */
export type ListingEffect = { readonly kind: 'processing'; readonly bare?: boolean };

/** Sends a file in another way than it should be. `at` counts bytes of the body of the answer that is struck. */
export type BodyEffect =
  /** `none`: neither Content-Length nor chunked, so that the end of the connection looks like the end of the file. */
  | { readonly kind: 'truncated'; readonly at: number; readonly framing: 'content-length' | 'chunked' | 'none' }
  /** Says nothing more until `release()`. */
  | { readonly kind: 'stall'; readonly at: number }
  | { readonly kind: 'reset'; readonly at: number }
  | { readonly kind: 'ignoreRange' }
  /** A Content-Range that is `by` bytes off what is sent. */
  | { readonly kind: 'lyingRange'; readonly by: number }
  /** Compressed although nobody asked. */
  | { readonly kind: 'gzip' }
  | { readonly kind: 'wrongBytes' }
  /** The file became shorter, and its ETag another one. */
  | { readonly kind: 'shrunk'; readonly by: number }
  /** The file became longer, by noise at its end, and its ETag another one. */
  | { readonly kind: 'grown'; readonly by: number }
  /** Another file of the same length: its ETag and its last bytes changed. */
  | { readonly kind: 'replaced' }
  /** Neither Content-Length nor ETag nor Accept-Ranges, the whole body chunked. */
  | { readonly kind: 'unmeasured' };

export type Effect = AnswerEffect | ListingEffect | BodyEffect;

export type Fault = {
  readonly route: Route;
  readonly effect: Effect;
  /** Only requests for this file, or listings in which it stands. */
  readonly fileId?: string;
  /** Only requests about this meeting. */
  readonly uuid?: string;
  /** Of downloads: only by the address of an event, or only by that of a listing. */
  readonly fromWebhook?: boolean;
  /** Only requests with a Range header, or only those without. */
  readonly ranged?: boolean;
  /** Only a range that begins at or after this byte. */
  readonly rangeFrom?: number;
  /** Lets so many matching requests pass first: 6 to strike the seventh. */
  readonly skip?: number;
  /** Strikes so often, then is over; without it, always. */
  readonly times?: number;
};

export type InjectedFault = Fault & {
  /** How often it struck. */
  readonly hits: number;
  /** Lets stalled answers go on. */
  release(): void;
  remove(): void;
};

export type Struck = { readonly effect: Effect; readonly fileId: string | undefined; readonly released: Promise<void> };

/** What each kind of effect is about. A further kind of fault begins here; the compiler names the places to go on. */
const ABOUT: Readonly<
  Record<AnswerEffect['kind'], 'answer'> & Record<ListingEffect['kind'], 'listing'> & Record<BodyEffect['kind'], 'body'>
> = {
  html200: 'answer',
  json59: 'answer',
  unauthorized: 'answer',
  expiredToken: 'answer',
  rateLimited: 'answer',
  error: 'answer',
  missing: 'answer',
  redirect: 'answer',
  redirectLoop: 'answer',
  processing: 'listing',
  truncated: 'body',
  stall: 'body',
  reset: 'body',
  ignoreRange: 'body',
  lyingRange: 'body',
  gzip: 'body',
  wrongBytes: 'body',
  shrunk: 'body',
  grown: 'body',
  replaced: 'body',
  unmeasured: 'body',
};

const ROUTES: Readonly<Record<'listing' | 'body', readonly Route[]>> = {
  listing: ['recordings', 'userRecordings', 'accountRecordings'],
  body: ['download', 'storage'],
};

export const isAnswerEffect = (effect: Effect): effect is AnswerEffect => ABOUT[effect.kind] === 'answer';

const fits = (route: Route, { kind }: Effect): boolean => {
  const about = ABOUT[kind];
  return about === 'answer' || ROUTES[about].includes(route);
};

/** NaN where there is none. */
const rangeStart = (range: string | undefined): number => Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? NaN);

/** The faults that are on, and the count of what they did. */
export const createFaults = () => {
  type Entry = { fault: InjectedFault; seen: number; hits: number; released: Promise<void> };
  const entries = new Set<Entry>();
  return {
    inject: (fault: Fault): InjectedFault => {
      if (!fits(fault.route, fault.effect)) {
        throw new Error(`The fault ${fault.effect.kind} has no meaning on the route ${fault.route}.`);
      }
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      const injected: InjectedFault = {
        ...fault,
        get hits() {
          return entry.hits;
        },
        release,
        remove: () => {
          entries.delete(entry);
          release();
        },
      };
      const entry: Entry = { fault: injected, seen: 0, hits: 0, released };
      entries.add(entry);
      return injected;
    },
    list: (): InjectedFault[] => [...entries].map(({ fault }) => fault),
    clear: (): void => [...entries].forEach(({ fault }) => fault.remove()),
    /** The effects that strike this request; each counts as one hit. */
    strike: (
      route: Route,
      about: {
        readonly uuid?: string | undefined;
        readonly fileIds?: readonly string[];
        readonly fromWebhook?: boolean;
        /** The Range header. */
        readonly range?: string | undefined;
      },
    ): Struck[] => {
      const struck: Struck[] = [];
      for (const entry of entries) {
        const { fault } = entry;
        if (fault.route !== route) continue;
        if (fault.uuid !== undefined && fault.uuid !== about.uuid) continue;
        if (fault.fileId !== undefined && about.fileIds?.includes(fault.fileId) !== true) continue;
        if (fault.fromWebhook !== undefined && fault.fromWebhook !== about.fromWebhook) continue;
        if (fault.ranged !== undefined && fault.ranged !== (about.range !== undefined)) continue;
        if (fault.rangeFrom !== undefined && !(rangeStart(about.range) >= fault.rangeFrom)) continue;
        entry.seen += 1;
        if (entry.seen <= (fault.skip ?? 0) || entry.hits >= (fault.times ?? Infinity)) continue;
        entry.hits += 1;
        struck.push({ effect: fault.effect, fileId: fault.fileId, released: entry.released });
      }
      return struck;
    },
  };
};

export type Faults = ReturnType<typeof createFaults>;
