import type { Lease, LeaseRows } from '../../core/lease/lease.ts';

/** Leases in memory. That they behave as those on DynamoDB do is proved by test/local/lease/rows.test.ts. */
export const fakeLeaseRows = (): LeaseRows => {
  const rows = new Map<string, Lease>();
  const keyOf = ({ driver, slot }: Lease): string => `${driver} ${slot}`;
  const isAsRead = (row: Lease): boolean => {
    const now = rows.get(keyOf(row));
    return now?.holder === row.holder && now.acquiredAt === row.acquiredAt && now.renewals === row.renewals;
  };
  return {
    list: async (driver) => [...rows.values()].filter((row) => row.driver === driver),
    add: async (row) => !rows.has(keyOf(row)) && Boolean(rows.set(keyOf(row), row)),
    renew: async (row, until) =>
      isAsRead(row) && Boolean(rows.set(keyOf(row), { ...row, until, renewals: row.renewals + 1 })),
    remove: async (row) => isAsRead(row) && rows.delete(keyOf(row)),
  };
};
