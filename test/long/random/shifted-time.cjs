// Loaded with --require before anything else: the Date of this process runs ahead of the machine's by as many
// milliseconds as a file says, so that all processes of a local cloud share a time that a test can move.
// Every request over HTTP bears the number of its process, so that a proxy can tell who is calling.
const { openSync, readSync } = require('node:fs');
const { Agent } = require('node:http');

const file = openSync(process.env.SHIFTED_TIME_FILE, 'r');
const buffer = Buffer.alloc(8);
const RealDate = Date;
const now = () => {
  readSync(file, buffer, 0, 8, 0);
  return RealDate.now() + buffer.readDoubleLE(0);
};
globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, newTarget) => Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});

const { addRequest } = Agent.prototype;
Agent.prototype.addRequest = function (request, ...rest) {
  if (!request.headersSent) request.setHeader('x-test-process', String(process.pid));
  return addRequest.call(this, request, ...rest);
};
