import { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { openTables } from './local-tables.ts';

// Run by durability.test.ts, which kills it: prints the number of each transaction that was acknowledged.
const { client } = await openTables(process.argv[2] ?? '');
for (let n = 0; ; n += 1) {
  const side = (sk: string) => ({
    Put: { TableName: 'jobs', Item: marshall({ pk: 'pair', sk, n, status: `at-${n}` }) },
  });
  const trail = { Put: { TableName: 'jobs', Item: marshall({ pk: 'trail', sk: `t${n}` }) } };
  await client.send(new TransactWriteItemsCommand({ TransactItems: [side('left'), side('right'), trail] }));
  process.stdout.write(`${n}\n`);
}
