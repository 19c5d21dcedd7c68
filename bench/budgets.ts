/** What must hold, here and in test/package/bundle-size.test.ts. A kB is 1,000 bytes. */
const bundleBytes: Readonly<Record<string, number>> = {
  zoomWebhook: 550_000,
  findInsights: 6_000_000,
  sendSummary: 1_000_000,
  sendNotice: 1_000_000,
};

export const bundleBudget = (functionKey: string): number => bundleBytes[functionKey] ?? 1_500_000;

export const budgets = {
  /** Cold webhook against a cold Middy handler that does nothing. */
  coldRatio: 3,
  warmP99Millis: 20,
  loadP99Millis: 3_000,
  /** Of a recording of eight files, polls apart, and of each further file. */
  transitions: 40,
  transitionsPerFurtherFile: 3,
  /** Of the copying worker, TLS on both sides and a CRC32 for each part included. */
  copyCpuPerGigabyte: 3,
  copyPeakMiB: 200,
  /** The embedded engine on three hours of talk, the first run of its process. */
  insightsSeconds: 2,
} as const;
