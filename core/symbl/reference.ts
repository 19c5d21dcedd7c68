/** By what the service knows a piece of work: its job, and the conversation that comes of it. */
export type Reference = { readonly jobId: string; readonly conversationId: string };

export const writeReference = ({ jobId, conversationId }: Reference): string =>
  [jobId, conversationId].map(encodeURIComponent).join(' ');

export const readReference = (text = ''): Reference | undefined => {
  const [jobId, conversationId] = text.split(' ').map(decodeURIComponent);
  return jobId && conversationId ? { jobId, conversationId } : undefined;
};
