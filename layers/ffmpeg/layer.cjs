'use strict';

/**
 * A plugin of the Serverless Framework, loaded by serverless.yml: a deploy without ffmpeg would go well, and every merge
 * would fail. It stops such a deploy with one sentence. CommonJS, because the framework loads it before anything is compiled.
 */
const { complaintAboutLayer } = require('./check-binary.cjs');

/** The functions' architecture by the name that Node and npm have for it. */
const names = { arm64: 'arm64', x86_64: 'x64' };

class FfmpegLayer {
  constructor(serverless) {
    const [command, ...more] = serverless.processedInput.commands;
    if (command !== 'deploy' || more.length > 0) return;
    const { architecture = 'x86_64' } = serverless.configurationInput.provider ?? {};
    const complaint = complaintAboutLayer(names[architecture] ?? architecture);
    if (complaint) throw new serverless.classes.Error(complaint, 'FFMPEG_LAYER');
  }
}

module.exports = FfmpegLayer;
