/** Prints `N passed, N failed` as the last line of a run. A suite that could not start counts as failed. */
module.exports = class ClosingLine {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests > 0 ? `, ${results.numPendingTests} skipped` : '';
    this.line = `${results.numPassedTests} passed, ${failed} failed${skipped}`;
    process.on('exit', () => process.stderr.write(`${this.line}\n`));
  }
};
