'use strict';

/**
 * A plugin of the Serverless Framework, loaded by serverless.yml: builds the pages into console/dist before the
 * functions that hand them out are packed. CommonJS, because the framework loads it before anything is compiled.
 */
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

const build = async () => {
  const { default: config } = await import(pathToFileURL(join(__dirname, 'vite.config.mjs')));
  // Vite looks for its configuration where it is started, which need not be here.
  const { build: vite } = await import('vite');
  await vite({ ...config, configFile: false, logLevel: 'warn' });
};

class BuildConsole {
  constructor() {
    this.hooks = {
      'before:package:createDeploymentArtifacts': build,
      'before:deploy:function:packageFunction': build,
    };
  }
}

module.exports = BuildConsole;
