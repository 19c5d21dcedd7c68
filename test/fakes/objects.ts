import type { ObjectLabels } from '../../core/media/object-head.ts';

/** Text objects of a bucket, in memory. `writes` holds every write in its order, also those that changed nothing. */
export const fakeObjects = (initial: Record<string, string> = {}) => {
  const stored = new Map(Object.entries(initial));
  const contentTypes = new Map<string, string>();
  const labels = new Map<string, ObjectLabels>();
  const writes: string[] = [];
  return {
    stored,
    contentTypes,
    labels,
    writes,
    read: (key: string): Promise<string | undefined> => Promise.resolve(stored.get(key)),
    write: (key: string, text: string, contentType: string, about: ObjectLabels = {}): Promise<void> => {
      stored.set(key, text);
      contentTypes.set(key, contentType);
      labels.set(key, about);
      writes.push(key);
      return Promise.resolve();
    },
    sizes: (folder: string): Promise<Map<string, number>> =>
      Promise.resolve(
        new Map([...stored].filter(([key]) => key.startsWith(folder)).map(([key, text]) => [key, text.length])),
      ),
    remove: (key: string): Promise<void> => Promise.resolve(void stored.delete(key)),
  };
};
