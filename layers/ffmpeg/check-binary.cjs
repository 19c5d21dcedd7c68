'use strict';

/** What must be true of an ffmpeg that goes into the layer. CommonJS, because the framework's plugin uses it too. */
const { createHash } = require('node:crypto');
const { closeSync, existsSync, openSync, readFileSync, readSync, statSync } = require('node:fs');
const { join } = require('node:path');

/** ELF's numbers for the machine that a program is for. */
const machines = { x64: 0x3e, arm64: 0xb7 };
/** Program header that names a loader: such a program needs the libraries of the machine it was made on. */
const needsLoader = 3;
/** Of a function and its layers, unzipped; the function's own bundle is far below the rest. */
const mostBytes = 262_144_000 - 10_000_000;

const dist = join(__dirname, 'dist');
const builtIn = (folder = dist) => join(folder, 'bin', 'ffmpeg');
const manifestIn = (folder = dist) => join(folder, 'manifest.json');

/** Reads the beginning of a file: enough for its ELF header and all program headers. */
const headOf = (path) => {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(65_536);
    return head.subarray(0, readSync(file, head, 0, head.length, 0));
  } finally {
    closeSync(file);
  }
};

/** Why a file cannot be the ffmpeg of this architecture, or nothing. */
const complaintAbout = (path, arch) => {
  const head = headOf(path);
  if (head.length < 64 || head.readUInt32BE(0) !== 0x7f454c46) return 'is no program for Linux';
  if (head[4] !== 2 || head[5] !== 1) return 'is not a 64-bit program';
  const machine = head.readUInt16LE(18);
  if (machine !== machines[arch]) {
    const found = Object.keys(machines).find((name) => machines[name] === machine) ?? `machine ${machine}`;
    return `is for ${found}, and the functions run on ${arch}`;
  }
  const at = Number(head.readBigUInt64LE(32));
  const size = head.readUInt16LE(54);
  for (let i = 0; i < head.readUInt16LE(56) && at + (i + 1) * size <= head.length; i += 1)
    if (head.readUInt32LE(at + i * size) === needsLoader)
      return 'needs shared libraries of the machine it was made for; a static build is wanted';
  if (statSync(path).size > mostBytes) return `has more than the ${mostBytes} bytes that fit into a layer`;
  return undefined;
};

const sha256Of = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Why the layer in this folder cannot be deployed, or nothing. */
const complaintAboutLayer = (arch, folder = dist) => {
  const command = 'npm run layer:ffmpeg';
  const [built, manifest] = [builtIn(folder), manifestIn(folder)];
  if (!existsSync(built) || !existsSync(manifest))
    return `The layer with ffmpeg is not built: run \`${command}\` and deploy again.`;
  const made = JSON.parse(readFileSync(manifest, 'utf8'));
  const wrong = complaintAbout(built, arch);
  if (wrong) return `The ffmpeg of the layer ${wrong}: run \`${command} -- --arch ${arch}\` and deploy again.`;
  if (made.sha256 !== sha256Of(built))
    return `The ffmpeg of the layer is not the one that was built: run \`${command}\` and deploy again.`;
  return undefined;
};

module.exports = { builtIn, complaintAbout, complaintAboutLayer, manifestIn, sha256Of };
