/** What a person sees in place of a recording, with what to do now. */
export const messages = {
  noToken: {
    status: 403,
    title: 'This link is not complete',
    text: 'The last part of the address is missing. Open the link from the mail once more, or copy the whole of it.',
  },
  wrongToken: {
    status: 403,
    title: 'This link is not valid',
    text: 'It may have been cut off or changed on its way. Open the link from the mail once more, or copy the whole of it.',
  },
  expired: {
    status: 410,
    title: 'This link is too old',
    text: 'Links to recordings work for a limited time. Ask whoever sent you the link, or the people who run this service, for a new one.',
  },
  gone: {
    status: 404,
    title: 'This recording is no longer here',
    text: 'Its time of keeping may be over. The people who run this service can tell whether there is another copy.',
  },
  noSuchFile: {
    status: 404,
    title: 'There is no such file',
    text: 'It may have been replaced since the page was opened. Go back and load the page again.',
  },
  broken: {
    status: 500,
    title: 'Something broke on our side',
    text: 'Try again in a minute. If it goes on, tell the people who run this service when it happened.',
  },
} as const;
export type Message = keyof typeof messages;
