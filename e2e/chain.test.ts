import { describe } from 'vitest';
import { startChain } from './chain/chain.ts';
import { proveChain } from './chain/proof.ts';

describe('SDK -> receiver -> ClickHouse -> API -> chip', () => {
  proveChain(() => startChain(), 'http/json');
});
