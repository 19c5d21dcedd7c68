import * as z from 'zod';
import { archiveNamesConfig, zipNames } from '../../core/archive-name/template.ts';
import { wantedConfig } from '../../core/zoom/filters.ts';

/** Names and filters as a stage has them that sets none. */
export const plainSettings = z.object({ ...archiveNamesConfig, ...wantedConfig }).parse({ archiveNames: zipNames });

/** The same with some of them set, as the environment sets them. */
export const settingsWith = (
  given: Partial<Record<'archiveNames' | 'wantedFiles' | 'wantedHosts' | 'wantedTopics', string>>,
): typeof plainSettings =>
  z.object({ ...archiveNamesConfig, ...wantedConfig }).parse({ archiveNames: zipNames, ...given });
