import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { MediaElement } from './media-package.ts';

export type Series = { readonly title: string; readonly publishers: readonly string[] };
export type WorkflowState = 'INSTANTIATED' | 'RUNNING' | 'PAUSED' | 'FAILING' | 'SUCCEEDED' | 'FAILED' | 'STOPPED';
export type Workflow = {
  readonly id: number;
  readonly definition: string;
  readonly mediaPackageId: string;
  readonly title: string;
  readonly parameters: Readonly<Record<string, string>>;
  state: WorkflowState;
  /** Of the operation that failed. */
  because?: string;
};
export type Event = {
  readonly id: string;
  readonly title: string;
  readonly seriesId?: string;
  /** Of the episode, in the order of the terms. */
  readonly terms: readonly (readonly [string, string])[];
  readonly elements: readonly MediaElement[];
  /** One more for each time that it was ingested. */
  readonly snapshots: number;
  /** In milliseconds since 1970: the index learns of it later. */
  readonly visibleAt: number;
};
export type State = {
  series: Record<string, Series>;
  events: Record<string, Event>;
  workflows: Workflow[];
};

const active: readonly WorkflowState[] = ['INSTANTIATED', 'RUNNING', 'PAUSED', 'FAILING'];
export const isActive = ({ state }: Workflow): boolean => active.includes(state);

/** On disk after each change, so that it survives the process, as a database would. */
export const openState = (file: string, series: Readonly<Record<string, Series>>) => {
  const state: State = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as State)
    : { series: { ...series }, events: {}, workflows: [] };
  const save = (): void => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(state));
    renameSync(`${file}.new`, file);
  };
  return { state, save };
};
