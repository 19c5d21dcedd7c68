/** A mail as it is handed to the mail service, which adds sender, encodings and Message-ID. */
export type Mail = {
  readonly to: string;
  /** The job it tells of: what the mail service says later about the mail is written there. */
  readonly jobId: string;
  /** One line of Unicode text; the mail service encodes it. */
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
};
