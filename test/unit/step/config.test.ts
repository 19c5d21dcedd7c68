import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { readConfig } from '../../../core/step/config.ts';

const schema = z.object({
  jobTable: z.string().min(1, 'expected the name of the job table'),
  zoomApiUrl: z.url('expected a URL'),
  waitMinutes: z.coerce.number().nonnegative(),
  trustedOrigins: z.string().default(''),
});
const complaint = (environment: Record<string, string>): Error => {
  try {
    readConfig(schema, environment);
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was wrong');
};

describe('the settings of a handler', () => {
  test('are read from the environment', () => {
    const environment = { JOB_TABLE: 'jobs', ZOOM_API_URL: 'https://api.zoom.us/v2', WAIT_MINUTES: '0', OTHER: 'x' };
    expect(readConfig(schema, environment)).toEqual({
      jobTable: 'jobs',
      zoomApiUrl: 'https://api.zoom.us/v2',
      waitMinutes: 0,
      trustedOrigins: '',
    });
  });

  test('that are missing are named all at once', () => {
    expect(complaint({})).toMatchObject({
      name: 'PermanentError',
      message: 'BAD_CONFIG: JOB_TABLE is not set; ZOOM_API_URL is not set; WAIT_MINUTES is not set',
    });
  });

  test('that are empty are missing, also where a number is expected', () => {
    expect(complaint({ JOB_TABLE: '', ZOOM_API_URL: 'https://api.zoom.us', WAIT_MINUTES: '' }).message).toBe(
      'BAD_CONFIG: JOB_TABLE is not set; WAIT_MINUTES is not set',
    );
  });

  test('that are wrong are told with what is expected, and without their values', () => {
    const { message } = complaint({ JOB_TABLE: 'jobs', ZOOM_API_URL: 'canary', WAIT_MINUTES: 'canary' });
    expect(message).toMatch(/^BAD_CONFIG: ZOOM_API_URL: expected a URL; WAIT_MINUTES: .*number/);
    expect(message).not.toContain('canary');
  });
});
