import { clockJumps } from './clock.ts';
import { manyConnections, overload } from './crowds.ts';
import { diskFull, diskReadOnly, diskSlow, diskStalls, powerLost } from './disks.ts';
import type { Fault } from './fault.ts';
import {
  apiKilled,
  clickhouseKilled,
  collectorKilled,
  commandClickhouseKilled,
  commandKilled,
  receiverKilled,
} from './kills.ts';
import { mixed } from './mixed.ts';
import { answersCut, networkCut, networkHangs, networkSlow } from './network.ts';
import { commandEnded, migrationKilled, rollingRestart } from './restarts.ts';
import { slowOnes } from './slow-ones.ts';
import { clickhouseStopped, receiverStopped } from './stops.ts';
import { olderTables, tablesDropped, tablesEmptied, textsEmptied } from './tables.ts';

/** All faults, in the order of the report. */
export const faults: readonly Fault[] = [
  clickhouseKilled,
  receiverKilled,
  apiKilled,
  collectorKilled,
  commandClickhouseKilled,
  commandKilled,
  commandEnded,
  rollingRestart,
  migrationKilled,
  clickhouseStopped,
  receiverStopped,
  networkCut,
  networkHangs,
  answersCut,
  networkSlow,
  diskFull,
  diskSlow,
  diskStalls,
  diskReadOnly,
  powerLost,
  tablesEmptied,
  textsEmptied,
  tablesDropped,
  olderTables,
  clockJumps,
  manyConnections,
  slowOnes,
  overload,
  mixed,
];
