import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';

/** A thousand each: more than ever run at once. */
const mostPages = 10;

/** The executions of the recording machine, as Step Functions tells of them. */
export const executions = ({ recordingMachine }: { recordingMachine: string }, client = new SFNClient()) => ({
  arnOf: (name: string): string => `${recordingMachine.replace(':stateMachine:', ':execution:')}:${name}`,

  running: async (): Promise<string[]> => {
    const arns: string[] = [];
    let nextToken: string | undefined;
    for (let page = 0; page < mostPages; page += 1) {
      const answer = await client.send(
        new ListExecutionsCommand({
          ...{ stateMachineArn: recordingMachine, statusFilter: 'RUNNING', maxResults: 1_000 },
          ...(nextToken === undefined ? {} : { nextToken }),
        }),
      );
      arns.push(...(answer.executions ?? []).flatMap(({ executionArn }) => executionArn ?? []));
      nextToken = answer.nextToken;
      if (nextToken === undefined) break;
    }
    return arns;
  },

  /** Nothing where there is none of that name. */
  describe: async (executionArn: string) => {
    try {
      const found = await client.send(new DescribeExecutionCommand({ executionArn }));
      return {
        executionArn,
        name: found.name ?? '',
        status: found.status ?? 'RUNNING',
        stoppedAt: found.stopDate,
        input: found.input,
        redriveCount: found.redriveCount,
        error: found.error,
        cause: found.cause,
      };
    } catch (error) {
      if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return undefined;
      throw error;
    }
  },
});
