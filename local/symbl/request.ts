import * as z from 'zod';

/** An answer that is a refusal. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'Refusal';
  }
}

export const tokenShape = z.strictObject({
  type: z.literal('application'),
  appId: z.string().min(1),
  appSecret: z.string().min(1),
});

const webUrl = z.url({ protocol: /^https?$/ });

/** POST /v1/process/audio/url, as far as the stand-in does something with it. */
export const audioUrlShape = z
  .strictObject({
    url: webUrl,
    name: z.string().min(1).optional(),
    webhookUrl: webUrl.optional(),
    customVocabulary: z.array(z.string()).optional(),
    confidenceThreshold: z.number().min(0.5).max(1).optional(),
    languageCode: z
      .string()
      .regex(/^[a-z]{2}-[A-Z]{2}$/)
      .optional(),
    mode: z.enum(['phone', 'default']).optional(),
    enableSeparateRecognitionPerChannel: z.boolean().optional(),
    channelMetadata: z
      .array(
        z.strictObject({
          channel: z.number().int().min(1),
          speaker: z.strictObject({ name: z.string().min(1), email: z.email().optional() }),
        }),
      )
      .min(1)
      .optional(),
    enableSummary: z.boolean().optional(),
    enableSpeakerDiarization: z.boolean().optional(),
    diarizationSpeakerCount: z.number().int().min(1).optional(),
  })
  .refine(({ channelMetadata, enableSeparateRecognitionPerChannel: apart }) => !channelMetadata || apart === true, {
    error: 'channelMetadata needs enableSeparateRecognitionPerChannel',
  })
  .refine(({ channelMetadata = [] }) => new Set(channelMetadata.map(({ channel }) => channel)).size === channelMetadata.length, {
    error: 'a channel is named twice',
  })
  .refine(({ enableSpeakerDiarization: apart, diarizationSpeakerCount: count }) => Boolean(apart) === (count !== undefined), {
    error: 'enableSpeakerDiarization and diarizationSpeakerCount are given together',
  }); // prettier-ignore
export type AudioRequest = z.output<typeof audioUrlShape>;

export const read = <Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Refusal(400, 'The body is not JSON.');
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Refusal(400, `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'is wrong'}`);
};
