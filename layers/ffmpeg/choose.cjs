'use strict';

/** Which of the two files serverless.yml takes: the layer goes along with a deploy alone. */
module.exports = { file: process.argv.includes('deploy') ? 'layer.yml' : 'no-layer.yml' };
