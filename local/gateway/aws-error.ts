/** An error as an AWS service answers it: thrown by the stand-ins, put on the wire by the gateway. */
export class AwsError extends Error {
  constructor(
    /** The service's own error name, for example `ResourceNotFoundException`. */
    readonly code: string,
    message: string,
    readonly status = 400,
    /** Further members of the error's body, as its shape in the service's API model has them. */
    readonly members: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = code;
  }
}

/** What a stand-in says to a request that the real service would understand and it does not: never a silent success. */
export const notSupported = (what: string): AwsError =>
  new AwsError('NotSupportedByLocalCloud', `${what} is not supported by the local cloud.`, 501);
