'use strict';

/**
 * A plugin of the Serverless Framework, loaded by serverless.yml: it stops `package` and `deploy` with one message that
 * names every setting that is missing or wrong. CommonJS, because the framework loads it before anything is compiled.
 */
const { join } = require('node:path');
const { buildSync } = require('esbuild');
const z = require('zod');

/** The periods that CloudWatch Logs knows, in days. */
const retentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** The very checks that functions make when they start: their source, compiled. */
const checksOf = (file) => {
  const source = { entryPoints: [join(__dirname, '..', file)], absWorkingDir: join(__dirname, '..', '..') };
  const [{ text }] = buildSync({ ...source, bundle: true, write: false, format: 'cjs', platform: 'node', packages: 'external' }).outputFiles; // prettier-ignore
  const made = { exports: {} };
  new Function('module', 'exports', 'require', text)(made, made.exports, require);
  return made.exports;
};
const checkedBy = [
  'archive-name/template.ts',
  'zoom/filters.ts',
  'transcription/transcribe/read-settings.ts',
  'mail/recipients.ts',
];
let checks;
/** A text with which nothing is wrong; otherwise the complaint is shown. */
const faultless = (check) =>
  z.string().superRefine((text, context) => {
    checks ??= Object.assign({}, ...checkedBy.map(checksOf));
    const complaint = checks[check](text);
    if (complaint) context.addIssue({ code: 'custom', message: complaint, params: { isShown: true } });
  });
const patterns = (what, example) => [
  faultless('complaintAboutPatterns'),
  `patterns for ${what}, separated by commas, with * for any text and ! in front of what is left out, or nothing`,
  example,
];

const whole = (least, most) => z.coerce.number().int().min(least).max(most);
/** The environment gives text, in which nothing would count as zero. */
const given = (schema) => z.union([z.number(), z.string().regex(/^(0|[1-9]\d*)$/)]).pipe(schema);
const secretName = z.string().regex(/^[\w/+=.@-]{1,512}$/);
const httpsUrl = z.url({ protocol: /^https$/ });

/** Each setting with what it must be, in words, and an example. */
const settings = {
  mailFrom: [z.email(), 'the address that summaries are sent from', 'rapporteur@university.edu'],
  linkDays: [given(whole(1, 730)), '1 to 730 days', '90'],
  smtpSecret: [
    z.union([z.literal(''), secretName]),
    'the name, not the ARN, of a secret with an SMTP server, or nothing for SES',
    'rapporteur/prod/smtp',
  ],
  alarmMail: [z.union([z.literal(''), z.email()]), 'the address that alarms go to, or nothing', 'it@university.edu'],
  mailAlso: [
    faultless('complaintAboutReaders'),
    'addresses of further readers, separated by commas, or nothing',
    'library@university.edu',
  ],
  mailNever: [
    faultless('complaintAboutNever'),
    'addresses and domains that get no mail, separated by commas, or nothing',
    'students.university.edu, dean@university.edu',
  ],
  mailOnSkip: [z.enum(['on', 'off']), 'on or off', 'on'],
  mailOnLateTranscript: [z.enum(['on', 'off']), 'on or off', 'on'],
  silenceHours: [given(whole(0, 168)), '0 (no such alarm) to 168 hours without a recording', '26'],
  dataAtRemove: [z.enum(['Retain', 'Delete']), 'Retain or Delete', 'Retain'],
  logRetentionDays: [
    given(whole(1, 3653).refine((days) => retentions.includes(days))),
    `one of ${retentions.join(', ')}`,
    '90',
  ],
  minimumDurationMinutes: [given(whole(0, 1440)), '0 to 1440 minutes', '5'],
  // A machine ends after twelve hours, and the rest of its work needs time too.
  zoomWaitMinutes: [given(whole(0, 600)), '0 to 600 minutes', '60'],
  // Zoom repeats an event for 85 minutes.
  webhookWindowSeconds: [given(whole(60, 86400)), '60 to 86400 seconds', '5400'],
  wantedFiles: patterns("Zoom's file types and recording types", 'MP4, M4A, TRANSCRIPT, !gallery_view'),
  wantedHosts: patterns('addresses or domains of hosts', 'university.edu, !trainee@university.edu'),
  wantedTopics: patterns('topics of meetings', 'Lecture*, !*(test)'),
  archiveNames: [
    faultless('complaintAboutNames'),
    'a template of folders and file names, as the README describes it',
    '{topic}/{start:yyyy-MM-dd}-{meetingId}/{segment}-{view}.{ext}',
  ],
  cleanUpZoom: [z.enum(['off', 'trash']), 'off or trash', 'trash'],
  // Zoom announces transcripts and other late files for days.
  cleanUpAfterDays: [given(whole(1, 365)), '1 to 365 days', '30'],
  // A machine ends after twelve hours, and speech recognition needs some of them.
  transcriptWaitMinutes: [given(whole(0, 240)), '0 to 240 minutes', '60'],
  transcription: [z.enum(['none', 'transcribe', 'symbl']), 'none, transcribe or symbl', 'transcribe'],
  transcribeCap: [given(whole(1, 5000)), '1 to 5000 jobs at once', '250'],
  transcribeLanguages: [
    faultless('complaintAboutLanguages'),
    'a language as Amazon Transcribe names it, two to five to choose from, or nothing; each with its vocabulary behind a =',
    'en-US, de-DE=fachwoerter',
  ],
  transcribeRedact: [
    faultless('complaintAboutRedaction'),
    'all, kinds of what is said of persons, or nothing',
    'NAME, EMAIL',
  ],
  transcribeSubtitles: [faultless('complaintAboutSubtitles'), 'vtt, srt, both, or nothing', 'vtt, srt'],
  symblCap: [given(whole(1, 1000)), '1 to 1000 jobs at once', '50'],
  symblUrl: [
    z.union([z.literal(''), httpsUrl.regex(/^https:\/\/[^/?#@\s]+(\/[\w./-]*)?$/)]),
    "the https address of a service that speaks Symbl's API, or nothing",
    'https://symbl.university.edu',
  ],
  symblSecret: [
    z.union([z.literal(''), secretName]),
    'the name, not the ARN, of a secret with appId and appSecret, or nothing',
    'rapporteur/prod/symbl',
  ],
  insights: [z.enum(['extractive', 'bedrock', 'symbl', 'none']), 'extractive, bedrock, symbl or none', 'extractive'],
  bedrockModel: [
    z.union([z.literal(''), z.string().regex(/^[a-z]{2,6}(-[a-z]{2,6})?\.[a-z0-9-]+\.[A-Za-z0-9.:_-]{1,100}$/)]),
    'the id of an inference profile, which says where it runs, or nothing',
    'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
  ],
  mediaTask: [z.enum(['on', 'off']), 'on or off', 'on'],
  functionSeconds: [given(whole(1, 720)), '1 to 720 seconds', '720'],
  mediaImage: [
    z.string().regex(/^\w[\w.-]{0,127}$/),
    'the tag that `npm run container:push` printed, or none',
    'media-2026-11-21',
  ],
  mediaTaskStorageGib: [given(whole(21, 200)), '21 to 200 GiB', '100'],
  zoomSecret: [secretName, 'the name, not the ARN, of a secret in Secrets Manager', 'rapporteur/prod/zoom'],
  zoomApiUrl: [httpsUrl, 'the https address of the REST API', 'https://api.zoom.us/v2'],
  zoomOauthUrl: [httpsUrl, 'the https address that gives tokens', 'https://zoom.us/oauth/token'],
};

/** Longest role name: 64 characters with region and function. */
const stagePattern = /^[a-z][a-z0-9-]{0,19}$/;

const environmentName = (key) => `RAPPORTEUR_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

/** One line for each setting that is missing or wrong. */
const complaints = (stage, values) => [
  ...(stagePattern.test(stage)
    ? []
    : [`stage: must be up to 20 small letters, digits and dashes, is "${stage}". Example: --stage prod`]),
  ...Object.entries(settings).flatMap(([key, [schema, expected, example]]) => {
    const value = values[key] ?? '';
    const { success, error } = schema.safeParse(value);
    if (success) return [];
    const is = value === '' ? 'is missing' : `is ${JSON.stringify(value)}`;
    const why = error.issues.find(({ params }) => params?.isShown);
    return [
      `${key}: must be ${expected}; it ${is}${why ? `, but ${why.message}` : ''}. Example: ${environmentName(key)}=${example}`,
    ];
  }),
  ...(values.transcription === 'symbl' || values.insights === 'symbl'
    ? ['symblUrl', 'symblSecret']
        .filter((key) => (values[key] ?? '') === '')
        .map(
          (key) =>
            `${key}: must be set where transcription or insights is symbl. Example: ${environmentName(key)}=${settings[key][2]}`,
        )
    : []),
  ...(values.insights === 'symbl' && values.transcription !== 'symbl'
    ? [
        'insights: symbl tells of what it heard itself, so transcription must be symbl too. Example: RAPPORTEUR_TRANSCRIPTION=symbl',
      ]
    : []),
  ...(values.insights === 'bedrock' && (values.bedrockModel ?? '') === ''
    ? [
        `bedrockModel: must be set where insights is bedrock. Example: RAPPORTEUR_BEDROCK_MODEL=${settings.bedrockModel[2]}`,
      ]
    : []),
  ...Object.keys(values)
    .filter((key) => !Object.hasOwn(settings, key))
    .map((key) => `${key}: there is no such setting. There are: ${Object.keys(settings).join(', ')}`),
];

/** What is not wrong, and should be known. */
const warnings = (values) =>
  values.transcription === 'symbl' || values.insights === 'symbl'
    ? [
        `Symbl's own service is gone. This works with a service of the same API alone, at ${values.symblUrl}; what people say is sent there.`,
      ]
    : [];

class CheckSettings {
  constructor(serverless, options, { log } = {}) {
    const [command] = serverless.processedInput.commands;
    if (command !== 'package' && command !== 'deploy') return;
    const { params = {}, provider = {} } = serverless.configurationInput;
    const stage = options.stage ?? provider.stage;
    // The framework itself refuses what is not key=value.
    const fromCommandLine = (options.param ?? []).map((text) => /^([^=]+)=(.*)$/s.exec(text)?.slice(1) ?? []);
    const values = { ...params.default, ...params[stage], ...Object.fromEntries(fromCommandLine) };
    const found = complaints(stage, values);
    if (found.length === 0) {
      for (const line of warnings(values)) log?.warning(line);
      return;
    }
    const message = [
      `The stage ${stage} is not configured completely:`,
      ...found.map((line) => `- ${line}`),
      `Set them in .env.${stage} or .env, in the environment, or with --param="key=value"; see .env.example.`,
    ];
    throw new serverless.classes.Error(message.join('\n'), 'SETTINGS');
  }
}

module.exports = CheckSettings;
module.exports.complaints = complaints;
module.exports.warnings = warnings;
module.exports.environmentNames = () => Object.keys(settings).map(environmentName);
