import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';

/** Names under which Step Functions says that nobody waits for this token any more. */
const overNames = new Set(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken']);
/** What Step Functions takes of a failure's text. */
const longestCause = 32_768;

/** What a task says to the state that waits for its token. Each answers whether somebody still waits. */
export const taskAnswers = (client = new SFNClient()) => {
  const isHeard = async (said: Promise<unknown>): Promise<boolean> => {
    try {
      await said;
      return true;
    } catch (error) {
      if (error instanceof Error && overNames.has(error.name)) return false;
      throw error;
    }
  };
  return {
    beat: (taskToken: string) => isHeard(client.send(new SendTaskHeartbeatCommand({ taskToken }))),
    succeed: (taskToken: string, output: object) =>
      isHeard(client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }))),
    /** In the form in which Lambda tells of an error, so that it is read back in one place. */
    fail: (taskToken: string, { name, message }: Error) => {
      const cause = JSON.stringify({ errorType: name, errorMessage: message.slice(0, longestCause / 4) });
      return isHeard(client.send(new SendTaskFailureCommand({ taskToken, error: name, cause })));
    },
  };
};
