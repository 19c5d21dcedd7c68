import { eventTypes } from './sdk-model.ts';

/** Types of events that cannot come about here, and why. */
export const unreachableEvents: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    eventTypes
      .filter((type) => type.startsWith('Activity'))
      .map((type) => [type, 'Activities are refused when the machine is created.']),
  ),
  ...Object.fromEntries(
    eventTypes
      .filter((type) => type.startsWith('MapRun'))
      .map((type) => [type, 'The distributed Map is refused when the machine is created.']),
  ),
  LambdaFunctionScheduleFailed: 'Told on AWS where Step Functions itself cannot schedule; here it always can.',
  LambdaFunctionStartFailed: 'Told on AWS where Step Functions itself cannot start; here it always can.',
  TaskStartFailed: 'Told of services other than Lambda, which are refused when the machine is created.',
  TaskSubmitFailed: 'Told of services other than Lambda, which are refused when the machine is created.',
};

/** Every other type that the SDK knows. */
export const reachableEvents: readonly string[] = eventTypes.filter((type) => !Object.hasOwn(unreachableEvents, type));
