import type { Load } from '../load/senders.ts';
import type { HouseOptions } from '../parts/house.ts';
import type { Stage } from '../stage.ts';

/** What a fault needs of the machine; without it the fault cannot be had there. */
export type Need = 'disk' | 'throttle' | 'faketime' | 'collector';

/** Something that goes wrong, and in what it goes wrong. */
export interface Fault {
  /** In words with hyphens, as it is asked for on the command line. */
  name: string;
  /** What happens, as the report says it. */
  what: string;
  needs?: readonly Need[];
  house: HouseOptions;
  load?: Partial<Load>;
  /** Lets it happen, and waits until it is over and failures are taken again. */
  happen(stage: Stage): Promise<void>;
}
