/** The address of a recording's page, at its start or at a moment. */
export const watchLink = ({
  publicUrl,
  jobId,
  token,
  seconds,
}: {
  readonly publicUrl: string;
  readonly jobId: string;
  readonly token: string;
  readonly seconds?: number;
}): string => {
  const url = new URL(`${publicUrl}/r/${encodeURIComponent(jobId)}`);
  url.searchParams.set('k', token);
  if (seconds !== undefined && seconds > 0) url.searchParams.set('t', String(Math.floor(seconds)));
  return url.href;
};
