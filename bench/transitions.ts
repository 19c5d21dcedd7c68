import { GetExecutionHistoryCommand, type HistoryEvent, type SFNClient } from '@aws-sdk/client-sfn';

/** The states that wait for somebody else, again and again: how often depends on Zoom, not on us. */
const polls = new Set(['FetchMetadata', 'IsWanted', 'WaitForZoom']);

export type Transitions = {
  readonly all: number;
  /** Entries of polling states beyond the first, and retries. */
  readonly polls: number;
  readonly retries: number;
};

/** Every entry of a state is a transition, and so is every retry. */
export const transitionsOf = async (sfn: SFNClient, executionArn: string): Promise<Transitions> => {
  const events: HistoryEvent[] = [];
  for (let nextToken: string | undefined; ;) {
    const request = { executionArn, includeExecutionData: false, ...(nextToken ? { nextToken } : {}) };
    const page = await sfn.send(new GetExecutionHistoryCommand(request));
    events.push(...(page.events ?? []));
    if (!page.nextToken) break;
    nextToken = page.nextToken;
  }
  const entered = events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
  const tasks = events.filter(({ type }) => type === 'TaskStateEntered').length;
  const calls = events.filter(({ type }) => type === 'LambdaFunctionScheduled' || type === 'TaskScheduled').length;
  const retries = Math.max(0, calls - tasks);
  const repeated = [...polls].reduce(
    (sum, name) => sum + Math.max(0, entered.filter((one) => one === name).length - 1),
    0,
  );
  return { all: entered.length + retries, polls: repeated, retries };
};
