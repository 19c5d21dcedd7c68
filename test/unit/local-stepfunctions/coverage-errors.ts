/** Errors that the SDK documents and that cannot come about here, and why. */
const keys = 'Nothing is encrypted with a customer’s key locally.';

export const unreachableErrors: Readonly<Record<string, string>> = {
  KmsAccessDeniedException: keys,
  KmsInvalidStateException: keys,
  KmsThrottlingException: keys,
  ExecutionLimitExceeded: 'The quota of a million open executions is not counted.',
  StateMachineDeleting: 'Machines come and go with the template, never while the cloud runs.',
  StateMachineTypeNotSupported: 'Every machine here is of the type STANDARD.',
  ResourceNotFound: 'Told of Map Runs, which are refused by name.',
};
