/** Which of Zoom's views go to Opencast, and under which flavor. */
export type Chosen = { readonly view: string; readonly flavor: string };
export type Flavors = {
  /** Of the views that are published: the first is the one without which there is nothing to publish. */
  readonly published: readonly [string, ...string[]];
  /** Of each view, where all of them are kept. */
  readonly archived: Readonly<Record<string, string>>;
};

/** What the workflows of a stock Opencast look for; the segments of a view are joined before. */
export const stockFlavors: Flavors = {
  published: ['presenter/source', 'presentation/source'],
  archived: {
    active_speaker: 'presenter/source',
    shared_screen: 'presentation/source',
    gallery_view: 'gallery/source',
    shared_screen_with_gallery_view: 'presentation-gallery/source',
    shared_screen_with_speaker_view: 'presentation-presenter/source',
  },
};

/** What ZIP sends: each segment for itself, for a workflow that joins them. */
export const chunkedFlavors: Flavors = {
  published: ['multipart/chunked+source', 'presentation/chunked+source', 'other/chunked+source'],
  archived: {
    active_speaker: 'speaker/chunked+source',
    shared_screen: 'shared-screen/chunked+source',
    gallery_view: 'gallery/chunked+source',
    shared_screen_with_gallery_view: 'shared-screen-gallery/chunked+source',
    shared_screen_with_speaker_view: 'shared-screen-speaker/chunked+source',
  },
};

/** Separate streams beat those that Zoom has combined, which are taken where there is nothing else. */
const orders: readonly (readonly string[])[] = [
  [
    'active_speaker',
    'shared_screen',
    'gallery_view',
    'shared_screen_with_gallery_view',
    'shared_screen_with_speaker_view',
  ],
  ['shared_screen_with_speaker_view', 'shared_screen', 'shared_screen_with_gallery_view', 'gallery_view'],
  ['shared_screen', 'shared_screen_with_gallery_view', 'gallery_view'],
];

/** In the order in which they are sent; as many as there are flavors. None of them: the recording has no film. */
export const viewsToPublish = (views: ReadonlySet<string>, { published }: Flavors): Chosen[] => {
  const order = orders.find(([first = '']) => views.has(first)) ?? orders[2] ?? [];
  return order
    .filter((view) => views.has(view))
    .flatMap((view, index) => {
      const flavor = published[index];
      return flavor === undefined ? [] : [{ view, flavor }];
    });
};

/** Every view that is known, each under a flavor of its own. */
export const viewsToArchive = (views: ReadonlySet<string>, { archived }: Flavors): Chosen[] =>
  Object.entries(archived).flatMap(([view, flavor]) => (views.has(view) ? [{ view, flavor }] : []));
