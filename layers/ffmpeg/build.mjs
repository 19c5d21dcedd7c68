// Builds the layer with ffmpeg for the functions that merge:
//   npm run layer:ffmpeg                         the binary of ffmpeg-static, for arm64
//   npm run layer:ffmpeg -- --arch x64           for the other architecture
//   npm run layer:ffmpeg -- --from PATH [--sha256 HEX]   a static build of one's own
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const require = createRequire(import.meta.url);
const { builtIn, complaintAbout, manifestIn, sha256Of } = require('./check-binary.cjs');
const built = builtIn();
const pinned = JSON.parse(readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'pinned.json'), 'utf8'));

const fail = (sentence) => {
  console.error(sentence);
  process.exit(1);
};

const { values } = parseArgs({
  options: { arch: { type: 'string', default: 'arm64' }, from: { type: 'string' }, sha256: { type: 'string' } },
});
const { arch, from } = values;
if (arch !== 'arm64' && arch !== 'x64') fail(`--arch is arm64 or x64, not ${arch}.`);

/** The binary that npm's install put beside the package; it is for the machine of that install unless told otherwise. */
const ofPackage = () => {
  try {
    const { version } = require('ffmpeg-static/package.json');
    if (`ffmpeg-static@${version}` !== pinned.package)
      fail(`ffmpeg-static is ${version}; ${pinned.package} is pinned.`);
    return join(dirname(require.resolve('ffmpeg-static/package.json')), 'ffmpeg');
  } catch {
    return undefined;
  }
};

const source = from ?? ofPackage();
if (!source || !existsSync(source))
  fail(
    from
      ? `There is no file ${from}.`
      : `There is no ffmpeg here: run \`npm_config_arch=${arch} npm_config_platform=linux npm rebuild ffmpeg-static\`, which fetches it from GitHub, or give a static build with --from PATH.`,
  );
const complaint = complaintAbout(source, arch);
if (complaint)
  fail(
    `${source} ${complaint}.${from ? '' : ` Run \`npm_config_arch=${arch} npm_config_platform=linux npm rebuild ffmpeg-static\`, or give --from PATH.`}`,
  );

const sha256 = sha256Of(source);
const wanted = values.sha256 ?? (from ? undefined : pinned.sha256[arch]);
if (wanted && wanted !== sha256) fail(`${source} has the SHA-256 ${sha256}, and ${wanted} is wanted.`);
// The version is written into every file that ffmpeg makes, and so it stands in the program, whatever it is built for.
const libavformat = /Lavf\d+\.\d+\.\d+/.exec(readFileSync(source, 'latin1'))?.[0];
if (!libavformat) fail(`${source} is no ffmpeg.`);
if (!from && libavformat !== pinned.libavformat)
  fail(`${source} is another version than ${pinned.release}: ${libavformat}, not ${pinned.libavformat}.`);

rmSync(dirname(dirname(built)), { recursive: true, force: true });
mkdirSync(dirname(built), { recursive: true });
copyFileSync(source, built);
chmodSync(built, 0o755);
const about = { arch, sha256, bytes: statSync(built).size, libavformat, from: from ? 'given' : pinned.package };
writeFileSync(manifestIn(), `${JSON.stringify(about, null, 2)}\n`);
console.log(`Built layers/ffmpeg/dist for ${arch}: ${about.bytes} bytes, ${libavformat}, SHA-256 ${sha256}.`);
if (!wanted)
  console.log(
    `Nothing said which SHA-256 it must have. Keep this one: "${arch}" in layers/ffmpeg/pinned.json, or --sha256.`,
  );
