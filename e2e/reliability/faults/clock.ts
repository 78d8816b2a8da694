import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FAKETIME_LIBRARY } from '../needs.ts';
import type { Fault } from './fault.ts';

/** How far the clock is from the right time, one after the other. */
const JUMPS = ['+1d', '-1d', '+0', '-3h', '+0'];

export const clockJumps: Fault = {
  name: 'clock-jumps',
  what: "The receiver's clock jumps a day ahead, two back, and so on (`libfaketime`)",
  needs: ['faketime'],
  house: {
    files: { clock: '+0' },
    receiverEnv: {
      LD_PRELOAD: FAKETIME_LIBRARY,
      FAKETIME_TIMESTAMP_FILE: '{directory}/clock',
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  },
  async happen({ house, pause, recovered }) {
    for (const jump of JUMPS) {
      const since = performance.now();
      await writeFile(path.join(house.directory, 'clock'), jump);
      await recovered(since);
      await pause(1_500);
    }
  },
};
