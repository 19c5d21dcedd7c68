import type { Template } from '../../local/template/schema.ts';
import { ofType } from './compiled.ts';

export interface Statement {
  readonly role: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly condition?: unknown;
}

const list = (value: unknown): string[] => [value].flat().map(String);

/** Every statement that allows something to a role of the template, in the resolved form. */
export const allowed = (template: Template, resolve: (value: unknown) => unknown): Statement[] =>
  ofType(template, 'AWS::IAM::Role')
    .filter(({ Condition }) => Condition !== 'Never')
    .flatMap(({ logicalId, Properties }) => {
      const { Policies } = resolve({ Policies: Properties['Policies'] }) as {
        Policies: { PolicyDocument: { Statement: Record<string, unknown>[] } }[];
      };
      return Policies.flatMap(({ PolicyDocument }) =>
        PolicyDocument.Statement.map((statement) => ({
          role: logicalId,
          actions: list(statement['Action']),
          resources: list(statement['Resource']),
          ...(statement['Condition'] === undefined ? {} : { condition: statement['Condition'] }),
        })),
      );
    });
