/** Where one reader stops the mails; the token names the reader by the key of the address. */
export const unsubscribeLink = ({
  publicUrl,
  jobId,
  token,
}: {
  readonly publicUrl: string;
  readonly jobId: string;
  readonly token: string;
}): string => {
  const url = new URL(`${publicUrl}/unsubscribe`);
  url.searchParams.set('j', jobId);
  url.searchParams.set('k', token);
  return url.href;
};
