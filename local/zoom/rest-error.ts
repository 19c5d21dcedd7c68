/** A refusal in the shape of Zoom's REST API. */
export class RestError extends Error {
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
    readonly fields?: readonly { readonly field: string; readonly message: string }[],
  ) {
    super(message);
    this.name = 'RestError';
  }
}

export const invalidField = (field: string, message: string): RestError =>
  new RestError(400, 300, 'Validation Failed.', [{ field, message }]);
