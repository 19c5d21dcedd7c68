/** What an invocation of a function answers, as the Lambda API tells it. */
export type LambdaOutcome =
  | { readonly payload: unknown }
  | {
      readonly functionError: 'Handled' | 'Unhandled';
      readonly payload: {
        readonly errorType: string;
        readonly errorMessage: string;
        readonly trace?: readonly string[];
      };
    };

export type InvokeFunction = (
  functionNameOrArn: string,
  payload: unknown,
  signal?: AbortSignal,
) => Promise<LambdaOutcome>;
