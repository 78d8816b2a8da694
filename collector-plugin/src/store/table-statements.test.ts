import { describe, expect, it } from 'vitest';
import { table } from '../../testing/table.ts';
import type { SchemaStep } from './migrations/migration.ts';
import { createDatabase, statementsOf, type Placement } from './table-statements.ts';

const placements: [name: string, Placement][] = [
  ['one server', { cluster: null, fsync: true }],
  [
    'a cluster without a Keeper',
    { cluster: 'eu', onCluster: false, replicated: false, fsync: true },
  ],
  ['a cluster with a Keeper', { cluster: 'eu', onCluster: false, replicated: true, fsync: true }],
  [
    'a cluster with a DDL queue',
    { cluster: 'eu', onCluster: true, replicated: true, fsync: false },
  ],
];
const steps: SchemaStep[] = [
  {
    create: {
      ...table('rows'),
      indices: [...(table('rows').indices ?? []), 'PROJECTION p (SELECT a)'],
    },
  },
  { create: { ...table('texts'), engine: 'MergeTree', indices: [], sharding: null } },
  { create: { ...table('keys'), primaryKey: 'trace_id', version: 'expires_at', indices: [] } },
  { alter: 'rows', change: 'ADD COLUMN IF NOT EXISTS b UInt8', of: 'columns' },
  { alter: 'rows', change: 'ADD INDEX IF NOT EXISTS i b TYPE minmax', of: 'rows' },
];

describe('the statements of a migration', () => {
  it.each(placements)('on %s', (_, placement) => {
    const statements = [
      createDatabase('ops', placement),
      ...steps.flatMap((step) => statementsOf(step, 'ops', placement)),
    ];
    expect(`\n${statements.join(';\n\n')};\n`).toMatchSnapshot();
  });

  it('quote what they name', () => {
    const placement = { cluster: "a'b", onCluster: true, replicated: true, fsync: true };
    const statements = statementsOf({ create: table('t`') }, "d'`\\", placement);
    for (const statement of statements) {
      expect(statement).toContain(" `d'\\`\\\\`.`t\\`");
      expect(statement).toContain("ON CLUSTER `a'b`");
    }
    expect(statements[1]).toContain("Distributed('a\\'b', 'd\\'`\\\\', 't`_local', ");
  });
});
