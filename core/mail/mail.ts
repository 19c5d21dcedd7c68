/** A mail as it is handed to the mail service, which adds sender, encodings and Message-ID. */
export type Mail = {
  readonly to: string;
  /** One line of Unicode text; the mail service encodes it. */
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
};
