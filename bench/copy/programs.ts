import { execFileSync } from 'node:child_process';
import type { Program } from './servers.ts';

export type Contestant = {
  readonly name: string;
  /** A line of the shell that copies `$SOURCE_URL` to the bucket's `$KEY`. */
  readonly line: string;
  /** How much faster we have to be; under Lambda's quota, too, where that is set. */
  readonly bar?: { readonly atFullSpeed: number; readonly inLambda?: number };
};

export const ours = 'our worker';

/** Us, and those who do the same. Whoever is not installed here is told in `absent`. */
export const contestants = (file: (program: Program) => string) => {
  const node = process.execPath;
  const many = { atFullSpeed: 1.4, inLambda: 1.5 };
  const rclone =
    'env -u AWS_CA_BUNDLE RCLONE_S3_PROVIDER=Other RCLONE_S3_ENV_AUTH=true RCLONE_S3_REGION=$AWS_REGION ' +
    'RCLONE_S3_ENDPOINT=$AWS_ENDPOINT_URL RCLONE_S3_FORCE_PATH_STYLE=true ' +
    'rclone copyurl --ca-cert $CERT --s3-no-check-bucket $SOURCE_URL :s3:bench/$KEY';
  const get = 'curl -sS -f --cacert $CERT $SOURCE_URL';
  const all: (Contestant & { readonly needs: readonly string[] })[] = [
    { name: ours, needs: [], line: `${node} ${file('worker')}` },
    {
      name: 'curl | curl -T -',
      needs: ['curl'],
      // S3 itself takes no upload of unknown length, and the local one refuses it as well: the discarding sink alone.
      line: `${get} | curl -sS -f -o /dev/null --cacert $CERT -T - $AWS_ENDPOINT_URL/bench/$KEY`,
      bar: { atFullSpeed: 1.1 },
    },
    { name: 'rclone copyurl', needs: ['rclone'], line: rclone, bar: many },
    {
      name: 'curl | aws s3 cp -',
      needs: ['curl', 'aws'],
      line: `${get} | aws s3 cp --no-progress --expected-size $BYTES - s3://bench/$KEY`,
      bar: many,
    },
    { name: 'lib-storage', needs: [], line: `${node} ${file('lib-storage')}`, bar: many },
  ];
  const isHere = (program: string): boolean => {
    try {
      execFileSync('bash', ['-c', `command -v ${program}`], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };
  const absent = [...new Set(all.flatMap(({ needs }) => needs))].filter((program) => !isHere(program));
  return { absent, present: all.filter(({ needs }) => !needs.some((program) => absent.includes(program))) };
};
