import middy from '@middy/core';

/** The least that a Middy handler can be: what the webhook's cold start is held against. */
export const handler = middy().handler(async () => ({ statusCode: 200 }));
