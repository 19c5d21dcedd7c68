const { existsSync, readFileSync, writeFileSync } = require('node:fs');

/**
 * Prints `N passed, N failed` as the last line of a run. A suite that could not start counts as failed. Of several runs
 * that share a RAPPORTEUR_TALLY file, the last one tells the sum.
 */
module.exports = class ClosingLine {
  onRunComplete(_contexts, results) {
    const tally = process.env.RAPPORTEUR_TALLY;
    const before = tally && existsSync(tally) ? JSON.parse(readFileSync(tally, 'utf8')) : [0, 0, 0];
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const sum = [results.numPassedTests, failed, results.numPendingTests].map((count, index) => count + before[index]);
    if (tally) writeFileSync(tally, JSON.stringify(sum));
    const skipped = sum[2] > 0 ? `, ${sum[2]} skipped` : '';
    this.line = `${sum[0]} passed, ${sum[1]} failed${skipped}`;
    process.on('exit', () => process.stderr.write(`${this.line}\n`));
  }
};
