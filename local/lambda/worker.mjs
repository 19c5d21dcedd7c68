// One execution environment of one function: loads the handler once and runs one invocation at a time.
// The same file serves as a worker thread and as a child process; it is plain JavaScript because both are
// started from this file's path, which no bundler or transformer sees.
import { isMainThread, parentPort } from 'node:worker_threads';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';

const post = isMainThread ? (message) => process.send?.(message) : (message) => parentPort.postMessage(message);
const listen = (receive) => (isMainThread ? process.on('message', receive) : parentPort.on('message', receive));

// A child whose parent was killed must not live on: an orphan would keep working on data that a new parent owns.
if (isMainThread) process.on('disconnect', () => process.exit(1));

// Output travels on the channel of the results, so that a line always arrives before the end of its invocation.
for (const stream of ['stdout', 'stderr']) {
  process[stream].write = (chunk, encoding, done) => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    post({ type: 'output', stream, text });
    (typeof encoding === 'function' ? encoding : done)?.();
    return true;
  };
}

const describe = (error) => {
  try {
    if (
      types.isNativeError(error) ||
      (error instanceof Object && 'name' in error && 'message' in error && 'stack' in error)
    ) {
      return {
        errorType: String(error.name),
        errorMessage: String(error.message),
        trace: String(error.stack).split('\n'),
      };
    }
    return { errorType: typeof error, errorMessage: error.toString(), trace: [] };
  } catch {
    return { errorType: 'handled', errorMessage: 'The thrown value could not be described.', trace: [] };
  }
};

/** What nobody caught ends the environment, as on Lambda; the invocation under way gets the error. */
const die = (failure, code) => {
  post({ type: 'failure', failure });
  // A child's message must leave before the process does.
  if (isMainThread) process.send?.({ type: 'bye' }, () => process.exit(code));
  else process.exit(code);
};
process.on('uncaughtException', (error) => die(describe(error), 129));
process.on('unhandledRejection', (reason) => {
  const { errorMessage, trace } = describe(reason);
  const name = types.isNativeError(reason) ? `${reason.name}: ` : '';
  die({ errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: `${name}${errorMessage}`, trace }, 128);
});

const serialise = (result) => {
  try {
    // Undefined and functions have no JSON form; Lambda answers null.
    return { json: JSON.stringify(result) ?? 'null' };
  } catch {
    return { failure: { errorType: 'Error', errorMessage: 'Unable to stringify response body', trace: [] } };
  }
};

let handler;
let settings;

const start = async (message) => {
  settings = message;
  const { entryFile, exportName } = message;
  let module;
  try {
    module = await import(pathToFileURL(entryFile).href);
  } catch (error) {
    const failure = describe(error);
    const missing = error?.code === 'ERR_MODULE_NOT_FOUND' || error?.code === 'MODULE_NOT_FOUND';
    const errorType = missing
      ? 'Runtime.ImportModuleError'
      : error instanceof SyntaxError
        ? 'Runtime.UserCodeSyntaxError'
        : failure.errorType;
    return post({ type: 'initFailed', failure: { ...failure, errorType } });
  }
  // A CommonJS file's exports are not always found by name.
  handler = module[exportName] ?? module.default?.[exportName];
  if (typeof handler !== 'function') {
    const errorMessage = `${exportName} is undefined or not exported by ${entryFile}.`;
    return post({ type: 'initFailed', failure: { errorType: 'Runtime.HandlerNotFound', errorMessage, trace: [] } });
  }
  if (handler.length >= 3) {
    const errorMessage =
      'The handler takes a callback, which Lambda no longer supports from Node.js 24 on. Make it an async function.';
    return post({
      type: 'initFailed',
      failure: { errorType: 'Runtime.CallbackHandlerDeprecated', errorMessage, trace: [] },
    });
  }
  post({ type: 'ready' });
};

const invoke = async ({ requestId, event, deadline }) => {
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    functionName: settings.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: settings.functionArn,
    memoryLimitInMB: String(settings.memoryMb),
    awsRequestId: requestId,
    logGroupName: settings.logGroupName,
    logStreamName: settings.logStreamName,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  try {
    post({ type: 'result', requestId, ...serialise(await handler(JSON.parse(event), context)) });
  } catch (error) {
    post({ type: 'result', requestId, failure: describe(error) });
  }
};

listen((message) => void (message.type === 'start' ? start(message) : invoke(message)));
