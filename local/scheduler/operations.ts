import { NotAnExpression } from '../events/cron.ts';
import { timetable } from '../events/schedule-expression.ts';
import { localAccount, localRegion } from '../gateway/credentials.ts';
import { invalid, refusal } from './read-input.ts';
import { keyOf, type Group, type Line, type Schedule, type Store, type Target } from './store.ts';
import { checkTarget, scheduleArn } from './targets.ts';

type ScheduleInput = {
  readonly Name: string;
  readonly GroupName?: string;
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone?: string;
  /** Seconds since 1970. */
  readonly StartDate?: number;
  readonly EndDate?: number;
  readonly Description?: string;
  readonly KmsKeyArn?: string;
  readonly State?: Schedule['state'];
  readonly ActionAfterCompletion?: Schedule['afterCompletion'];
  readonly FlexibleTimeWindow: Schedule['window'];
  readonly Target: Target;
  readonly ClientToken?: string;
};
type Named = { readonly Name: string; readonly GroupName?: string; readonly ClientToken?: string };
type Listing = {
  readonly GroupName?: string;
  readonly NamePrefix?: string;
  readonly State?: string;
  readonly NextToken?: string;
  readonly MaxResults?: number;
};

/** What a request changes, and what it is answered. */
type Act = { readonly lines: readonly Line[]; readonly answer: object; readonly then?: () => void };

type Ports = {
  readonly store: Store;
  readonly now: () => number;
  readonly started: (schedule: Schedule) => void;
  readonly stopped: (key: string) => void;
};

const groupArn = (name: string): string => `arn:aws:scheduler:${localRegion}:${localAccount}:schedule-group/${name}`;
const seconds = (millis: number): number => millis / 1_000;
const given = (members: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

export const operations = ({ store, now, started, stopped }: Ports) => {
  const groupOf = (name = 'default'): Group => {
    const found = store.groups.get(name);
    if (!found) throw refusal('ResourceNotFoundException', 404, `Schedule group ${name} does not exist.`);
    return found;
  };
  const scheduleOf = ({ Name, GroupName = 'default' }: Named): Schedule => {
    groupOf(GroupName);
    const found = store.schedules.get(keyOf({ group: GroupName, name: Name }));
    if (!found) throw refusal('ResourceNotFoundException', 404, `Schedule ${Name} does not exist.`);
    return found;
  };

  const read = (input: ScheduleInput, createdAt: number): Schedule => {
    const { ScheduleExpression: expression, ScheduleExpressionTimezone: timezone = 'UTC', FlexibleTimeWindow } = input;
    checkTimes(input, timezone, now());
    const { Mode, MaximumWindowInMinutes } = FlexibleTimeWindow;
    if ((Mode === 'FLEXIBLE') !== (MaximumWindowInMinutes !== undefined))
      throw invalid('FlexibleTimeWindow: MaximumWindowInMinutes goes with the mode FLEXIBLE, and with no other.');
    checkTarget(input.Target);
    const { MaximumEventAgeInSeconds = 86_400, MaximumRetryAttempts = 185 } = input.Target.RetryPolicy ?? {};
    return {
      ...{ name: input.Name, group: groupOf(input.GroupName).name, expression, timezone },
      ...(input.StartDate === undefined ? {} : { startAt: input.StartDate * 1_000 }),
      ...(input.EndDate === undefined ? {} : { endAt: input.EndDate * 1_000 }),
      ...(input.Description === undefined ? {} : { description: input.Description }),
      ...(input.KmsKeyArn === undefined ? {} : { kmsKeyArn: input.KmsKeyArn }),
      state: input.State ?? 'ENABLED',
      window: FlexibleTimeWindow,
      target: { ...input.Target, RetryPolicy: { MaximumEventAgeInSeconds, MaximumRetryAttempts } },
      afterCompletion: input.ActionAfterCompletion ?? 'NONE',
      createdAt,
      modifiedAt: now(),
      until: now() - 1,
    };
  };

  /**
   * A request that comes again with its token is answered again; the token with another request is a conflict. The
   * change and the token are written as one.
   */
  const once = async (operation: string, input: object, act: () => Act): Promise<object> => {
    const { ClientToken: token, ...rest } = input as { ClientToken?: string };
    const request = JSON.stringify([operation, Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))]);
    const before = token === undefined ? undefined : store.answers.get(token);
    if (before && before.request !== request)
      throw refusal('ConflictException', 409, 'The client token was used for a request with other parameters.');
    if (before) return before.answer;
    const { lines, answer, then } = act();
    const answered: Line[] = token === undefined ? [] : [{ answered: { token, request, answer, at: now() } }];
    await store.change(...lines, ...answered);
    then?.();
    return answer;
  };

  const put = (schedule: Schedule): Act => ({
    lines: [{ schedule }],
    answer: { ScheduleArn: scheduleArn(schedule) },
    then: () => started(schedule),
  });

  const listed = <Entry extends { readonly name: string }>(all: Entry[], { NextToken, MaxResults = 100 }: Listing) => {
    const after = NextToken === undefined ? undefined : Buffer.from(NextToken, 'base64url').toString('utf8');
    const rest = all.filter((one) => after === undefined || positionOf(one) > after);
    const page = rest.sort((a, b) => (positionOf(a) < positionOf(b) ? -1 : 1)).slice(0, MaxResults);
    const last = page.at(-1);
    const hasMore = last !== undefined && rest.length > page.length;
    return { page, ...(hasMore ? { NextToken: Buffer.from(positionOf(last)).toString('base64url') } : {}) };
  };

  return {
    CreateSchedule: (input: ScheduleInput) =>
      once('CreateSchedule', input, () => {
        const schedule = read(input, now());
        if (store.schedules.has(keyOf(schedule)))
          throw refusal('ConflictException', 409, `Schedule ${schedule.name} already exists.`);
        return put(schedule);
      }),
    UpdateSchedule: (input: ScheduleInput) =>
      once('UpdateSchedule', input, () => {
        // What is not said again goes back to its default: so does the service.
        const schedule = read(input, scheduleOf(input).createdAt);
        return put(schedule);
      }),
    GetSchedule: async (input: Named) => {
      const schedule = scheduleOf(input);
      return given({
        ...{ Name: schedule.name, GroupName: schedule.group, Arn: scheduleArn(schedule), State: schedule.state },
        ...{ ScheduleExpression: schedule.expression, ScheduleExpressionTimezone: schedule.timezone },
        ...{ FlexibleTimeWindow: schedule.window, Target: schedule.target },
        ...{ Description: schedule.description, KmsKeyArn: schedule.kmsKeyArn },
        ...{ ActionAfterCompletion: schedule.afterCompletion },
        StartDate: schedule.startAt === undefined ? undefined : seconds(schedule.startAt),
        EndDate: schedule.endAt === undefined ? undefined : seconds(schedule.endAt),
        ...{ CreationDate: seconds(schedule.createdAt), LastModificationDate: seconds(schedule.modifiedAt) },
      });
    },
    DeleteSchedule: (input: Named) =>
      once('DeleteSchedule', input, () => {
        const key = keyOf(scheduleOf(input));
        return { lines: [{ gone: key }], answer: {}, then: () => stopped(key) };
      }),
    ListSchedules: async (input: Listing) => {
      if (input.GroupName !== undefined) groupOf(input.GroupName);
      const all = [...store.schedules.values()].filter(
        ({ name, group, state }) =>
          (input.GroupName === undefined || group === input.GroupName) &&
          (input.State === undefined || state === input.State) &&
          name.startsWith(input.NamePrefix ?? ''),
      );
      const { page, ...more } = listed(all, input);
      const Schedules = page.map((schedule) => ({
        ...{ Name: schedule.name, GroupName: schedule.group, Arn: scheduleArn(schedule), State: schedule.state },
        ...{ CreationDate: seconds(schedule.createdAt), LastModificationDate: seconds(schedule.modifiedAt) },
        Target: { Arn: schedule.target.Arn },
      }));
      return { Schedules, ...more };
    },
    CreateScheduleGroup: (input: Named) =>
      once('CreateScheduleGroup', input, () => {
        const { Name: name } = input;
        if (store.groups.has(name)) throw refusal('ConflictException', 409, `Schedule group ${name} already exists.`);
        const group = { name, createdAt: now(), modifiedAt: now() };
        return { lines: [{ group }], answer: { ScheduleGroupArn: groupArn(name) } };
      }),
    GetScheduleGroup: async ({ Name }: Named) => describe(groupOf(Name)),
    DeleteScheduleGroup: (input: Named) =>
      once('DeleteScheduleGroup', input, () => {
        const { name } = groupOf(input.Name);
        if (name === 'default') throw invalid('The default schedule group cannot be deleted.');
        const keys = [...store.schedules.values()].filter(({ group }) => group === name).map(keyOf);
        const lines = [...keys.map((gone) => ({ gone })), { groupGone: name }];
        return { lines, answer: {}, then: () => keys.forEach(stopped) };
      }),
    ListScheduleGroups: async (input: Listing) => {
      const all = [...store.groups.values()].filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
      const { page, ...more } = listed(all, input);
      return { ScheduleGroups: page.map(describe), ...more };
    },
  };
};

const positionOf = (one: { readonly name: string; readonly group?: string }): string =>
  `${one.name} ${one.group ?? ''}`;

const describe = ({ name, createdAt, modifiedAt }: Group) => ({
  ...{ Name: name, Arn: groupArn(name), State: 'ACTIVE' },
  ...{ CreationDate: seconds(createdAt), LastModificationDate: seconds(modifiedAt) },
});

const checkTimes = (input: ScheduleInput, timezone: string, now: number): void => {
  const { ScheduleExpression: expression, StartDate, EndDate } = input;
  try {
    const { isOnce, next } = timetable(expression, timezone, now);
    // One that will never be due; a one-time schedule ignores start and end.
    if (isOnce && next(now - 1) === undefined) throw new NotAnExpression('its time has passed');
    if (isOnce) return;
  } catch (error) {
    if (error instanceof NotAnExpression) throw invalid(`Invalid Schedule Expression ${expression}: ${error.message}.`);
    if (error instanceof RangeError) throw invalid(`Invalid Schedule Expression Timezone ${timezone}.`);
    throw error;
  }
  if (EndDate !== undefined && EndDate * 1_000 <= now) throw invalid('The EndDate you specify must be in the future.');
  if (EndDate !== undefined && StartDate !== undefined && EndDate <= StartDate)
    throw invalid('The StartDate you specify must come before the EndDate.');
};
