import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';

/** A state as far as its place in the flow goes; what it does is for Step Functions to know. */
export type State = {
  readonly Type: string;
  readonly Comment?: string | undefined;
  readonly Resource?: unknown;
  readonly Arguments?: unknown;
  readonly Next?: string | undefined;
  readonly Default?: string | undefined;
  readonly End?: boolean | undefined;
  readonly Choices?: readonly { readonly Condition: string; readonly Next: string }[] | undefined;
  readonly Catch?: readonly { readonly Next: string }[] | undefined;
  readonly Retry?: readonly unknown[] | undefined;
  readonly ItemProcessor?: Flow | undefined;
};

export type Flow = { readonly StartAt: string; readonly States: Readonly<Record<string, State>> };
export type Machine = Flow & { readonly name: string; readonly comment: string };

const state: z.ZodType<State> = z.lazy(() =>
  z.object({
    Type: z.string(),
    Comment: z.string().optional(),
    Resource: z.unknown().optional(),
    Arguments: z.unknown().optional(),
    Next: z.string().optional(),
    Default: z.string().optional(),
    End: z.boolean().optional(),
    Choices: z.array(z.object({ Condition: z.string(), Next: z.string() })).optional(),
    Catch: z.array(z.object({ Next: z.string() })).optional(),
    Retry: z.array(z.unknown()).optional(),
    ItemProcessor: flow.optional(),
  }),
);
const flow = z.object({ StartAt: z.string(), States: z.record(z.string(), state) });

/** `!GetAtt key.Arn`: the function behind a Task. */
const getAtt = { tag: '!GetAtt', resolve: (text: string) => ({ 'Fn::GetAtt': text }) };

export const machineFolder = 'statemachines';

export const readMachine = (file: string): Machine => {
  const document: unknown = parse(readFileSync(join(machineFolder, file), 'utf8'), { customTags: [getAtt] });
  const { Comment } = z.object({ Comment: z.string() }).parse(document);
  return { name: file.replace(/\.yml$/, ''), comment: Comment, ...flow.parse(document) };
};

export const readMachines = (): Machine[] =>
  readdirSync(machineFolder)
    .filter((file) => file.endsWith('.yml'))
    .sort()
    .map(readMachine);

/** Every state of a machine with those inside its Maps, in the order of the file. */
export const allStates = (machine: Flow): [name: string, state: State][] =>
  Object.entries(machine.States).flatMap(([name, one]) => [
    [name, one] as [string, State],
    ...(one.ItemProcessor ? allStates(one.ItemProcessor) : []),
  ]);

const attribute = z.object({ 'Fn::GetAtt': z.string() });
const invocation = z.object({ FunctionName: attribute });

/** `!GetAtt downloadPart.Arn` names the function key: as the Resource, or, where a token is waited for, as its FunctionName. */
export const functionKeyOf = (one: State): string | undefined => {
  const direct = attribute.safeParse(one.Resource).data;
  const named = direct ?? invocation.safeParse(one.Arguments).data?.FunctionName;
  return named?.['Fn::GetAtt'].replace(/\.Arn$/, '');
};

export const kebab = (name: string): string => name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
export const camel = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
