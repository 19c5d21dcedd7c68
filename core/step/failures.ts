import * as z from 'zod';

/**
 * THE table of failures: for each code a sentence for a person and what to do next.
 * A code without a sentence does not compile; the README's "When something fails" is checked against this table.
 */
export const failures = {
  BAD_INPUT: {
    sentence: 'The step was given data it did not expect.',
    action:
      'Look at the named field in the execution input. If the execution was started by hand, start it again with a correct input.',
  },
  BAD_CONFIG: {
    sentence: 'The deployment is not configured completely.',
    action: 'Set what the message names, deploy again, then redrive the execution.',
  },
  RECORDING_NOT_FOUND: {
    sentence: 'Zoom has no cloud recording for this meeting.',
    action:
      'Check in the Zoom portal whether the recording was deleted. A trashed one can be recovered there for 30 days; then redrive.',
  },
  ZOOM_REFUSED: {
    sentence: 'Zoom refused our credentials.',
    action:
      'Check account id, client id and client secret in the Zoom secret, and that the app is activated; then redrive.',
  },
  ZOOM_SCOPES_MISSING: {
    sentence: 'The Zoom app lacks a scope that is needed.',
    action: 'Add the named scopes to the app in the Zoom Marketplace, then redrive.',
  },
  ZOOM_CHANGED: {
    sentence: 'Zoom answered in a shape that we do not know.',
    action: 'Look at the named field. Zoom may have changed its API: update Rapporteur, then redrive.',
  },
  DOWNLOAD_TOKEN_EXPIRED: {
    sentence:
      "The download token of Zoom's webhook has expired, and no REST credentials are configured to get a new one.",
    action: 'Add account id, client id and client secret of a server-to-server app to the Zoom secret, then redrive.',
  },
  DOWNLOAD_REFUSED: {
    sentence: 'Zoom refused to hand out a file, also with a fresh token.',
    action: 'Check that the app may view recording content and that no account policy blocks downloads; then redrive.',
  },
  DOWNLOAD_HOST_NOT_ALLOWED: {
    sentence: 'A download led to an address outside Zoom.',
    action: 'Nothing was sent there. If the host is legitimate, allow it in the configuration; then redrive.',
  },
  ALL_FILES_MISSING: {
    sentence: 'None of the files of this recording could be had from Zoom.',
    action:
      'Check in the Zoom portal whether the recording was deleted. A trashed one can be recovered there for 30 days; then start the machine by hand with its meetingUuid.',
  },
  FILE_NOT_AS_EXPECTED: {
    sentence: 'A file that Zoom delivered is not what it should be.',
    action: 'Open the recording in the Zoom portal. If it plays there, redrive; otherwise Zoom holds a broken file.',
  },
  FFMPEG_MISSING: {
    sentence: 'There is no ffmpeg to merge the files of this recording with.',
    action:
      'Deploy with the ffmpeg layer (`npm run layer:ffmpeg`), or install ffmpeg and, where it is not on the PATH, name it in FFMPEG_PATH; then redrive.',
  },
  FFMPEG_UNFIT: {
    sentence: 'The ffmpeg that was found cannot do what is needed.',
    action: 'Put in its place a build that has what the message names, of the right architecture; then redrive.',
  },
  NEEDS_MEDIA_TASK: {
    sentence: 'This recording holds more than a function can handle in its time, and media tasks are switched off.',
    action:
      'Switch them on with --param="mediaTask=on" or RAPPORTEUR_MEDIA_TASK=on, deploy again, then redrive the execution.',
  },
  MEDIA_TASK_NOT_SET_UP: {
    sentence: 'The media task could not be started, because its image or its place to run is missing.',
    action:
      'Run `npm run container:push -- --stage <stage>`, set mediaImage to the tag it prints, deploy, then redrive.',
  },
  MEDIA_TASK_WITHOUT_RESULT: {
    sentence: 'The media task was started again and again and did not come to an end.',
    action: 'Look at the log of the media task for what stops it; redrive the execution when the cause is gone.',
  },
  TRASH_REFUSED: {
    sentence: 'Zoom does not let the app move files of this recording to its trash.',
    action:
      'In the settings of Zoom, Recording, let the host delete cloud recordings, for the host or for the account. CleanUpZoom tries again every day for a week; the archive is complete either way.',
  },
  SYMBL_REFUSED: {
    sentence: 'The Symbl-compatible service refused our credentials.',
    action: 'Check symblUrl, and appId and appSecret in the secret that symblSecret names; then redrive.',
  },
  SYMBL_CHANGED: {
    sentence: 'The Symbl-compatible service answered in a shape that we do not know.',
    action: "Look at the named field, and whether the service at symblUrl speaks Symbl's API; then redrive.",
  },
  MODEL_NOT_AVAILABLE: {
    sentence: 'Amazon Bedrock would not run the model that is set for insights.',
    action:
      'Check bedrockModel: it must be the id of an inference profile of this region, and the account must have access to its model. The mail went out without insights; after a deploy the next recording has them.',
  },
  MODEL_REFUSED: {
    sentence: 'The model of Amazon Bedrock would not write up this meeting.',
    action:
      'Nothing needs to be done for the recording: archive, transcript and mail are complete without insights. If it happens often, set another bedrockModel, or insights to extractive.',
  },
  MODEL_ANSWER_UNUSABLE: {
    sentence: 'The model of Amazon Bedrock answered, also when asked again, with something that cannot be used.',
    action:
      'Nothing needs to be done for the recording: archive, transcript and mail are complete without insights. If it happens often, set a larger model as bedrockModel, or insights to extractive.',
  },
  MAIL_REFUSED: {
    sentence: 'The mail service refused the summary mail.',
    action:
      'With SES, check that the sender is verified and the account is out of the sandbox; with SMTP, check user, password and sender. Then redrive.',
  },
  STILL_FAILING: {
    sentence: 'A service that is needed here did not do its work, however often it was tried.',
    action: 'Look at the detail: it names who said what. Redrive the execution when the trouble there has passed.',
  },
  UNEXPLAINED: {
    sentence: 'Something broke on our side.',
    action: 'Look at the execution in the Step Functions console; redrive it when the cause is gone.',
  },
  STOPPED_BY_OPERATOR: {
    sentence: 'The execution was stopped by a person.',
    action: 'Redrive the execution to continue where it was stopped.',
  },
  TOOK_TOO_LONG: {
    sentence: 'A step, or the whole execution, ran longer than it may.',
    action: 'Look which step was running; redrive the execution to continue there.',
  },
} as const satisfies Record<string, { sentence: string; action: string }>;

export type FailureCode = keyof typeof failures;

export type Failure = {
  readonly code: FailureCode;
  readonly detail: string;
  readonly sentence: string;
  readonly action: string;
};

export const explain = (code: FailureCode, detail: string): Failure => ({ code, detail, ...failures[code] });

/** The JSON that Step Functions puts into `cause` when a function threw. */
const lambdaCause = z.object({ errorType: z.string().optional(), errorMessage: z.string().optional() });

const isCode = (word: string): word is FailureCode => Object.hasOwn(failures, word);

/** Long enough for any message of ours; what a service adds may be 32 KB. */
const longestDetail = 1_000;

/** What nobody foresaw comes under the same name as what passes by itself; a mistake of ours is known by its own. */
const mistakes = /^(Type|Range|Reference|Syntax|Zod)Error: /;

/** A step that outlived its state's time-out, or its function's. */
const timeOuts = new Set(['States.Timeout', 'Sandbox.Timedout']);

/** Reads error and cause of a failed execution back into a row of the table. Never throws, whatever it is given. */
export const readFailure = (error: string | undefined, cause: string | undefined): Failure => {
  let message = cause ?? '';
  try {
    const parsed = lambdaCause.safeParse(JSON.parse(message));
    if (parsed.success) message = parsed.data.errorMessage ?? message;
  } catch {
    // Not JSON: the cause of a failure in the machine itself is plain text.
  }
  const [, code = '', detail = ''] = /^([A-Z][A-Z_]+): ([\s\S]*)$/.exec(message) ?? [];
  if (isCode(code)) return explain(code, detail.slice(0, longestDetail));
  if (error && timeOuts.has(error)) return explain('TOOK_TOO_LONG', message.slice(0, longestDetail));
  if (error === 'TransientError' && !mistakes.test(message))
    return explain('STILL_FAILING', message.slice(0, longestDetail));
  return explain('UNEXPLAINED', [error, message].filter(Boolean).join(': ').slice(0, longestDetail));
};
