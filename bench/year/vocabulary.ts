/** The names and words that the runs of a retention are made of. */

/** Words of messages, by how many of them have it. */
export const words = {
  /** Every message. */
  frequent: 'carrier',
  /** One in {@link ONE_IS_RARE}. */
  rare: 'quarantined',
  /** None. */
  absent: 'zeppelin',
} as const;

const ONE_IS_RARE = 5_000;

/** The message of a failure; no two are the same. */
export function messageOf(order: number): string {
  const rest = order % ONE_IS_RARE === 1 ? `, parcel ${words.rare}` : '';
  return `order ${10_000_000 + order} could not be placed: ${words.frequent} refused${rest}`;
}

export const services = [
  'checkout', 'orders', 'payments', 'inventory', 'shipping', 'carts', 'catalogue', 'search', 'prices',
  'accounts', 'sessions', 'mail', 'invoices', 'returns', 'reviews', 'coupons', 'exports', 'imports',
  'reports', 'archive',
]; // prettier-ignore

export const namespaces = ['shop', 'warehouse', 'finance', 'partners', 'internal'];

const spanNames = ['place order', 'reserve stock', 'charge card', 'book carrier', 'send receipt'];

const types = ['OrderError', 'CarrierRefusedError', 'TimeoutError', 'StockError', 'TypeError'];

const SHARES = 4_096;
const FRAMES = 24;

/** Each name as often as its rank says: the first twice as often as the second, and so on (Zipf's law). */
function inShares(names: readonly string[]): Buffer[] {
  const weights = names.map((_, index) => 1 / (index + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return names.flatMap((name, index) => {
    const share = Math.max(1, Math.round(((weights[index] ?? 0) / total) * SHARES));
    return Array.from({ length: share }, () => Buffer.from(name));
  });
}

/** Picked from at random, they give the names in their frequencies. */
export const shares = {
  services: inShares(services),
  namespaces: inShares(namespaces),
  spanNames: inShares(spanNames),
};

/** Stack texts that differ in their frames, about two kilobytes each, open at the place of the message. */
export function stackTexts(count: number) {
  return Array.from({ length: count }, (_, index) => {
    const type = types[index % types.length] ?? 'Error';
    return {
      type: Buffer.from(type),
      beforeMessage: Buffer.from(`${type}: `),
      afterMessage: Buffer.from(`\n${framesOf(index)}`),
    };
  });
}

/** The frames of a stack, one a line. */
export function framesOf(stack: number): string {
  return Array.from({ length: FRAMES }, (_, depth) => {
    const place = (stack * 31 + depth * 17) % 997;
    return `    at step${place} (/srv/app/node_modules/package-${depth}/lib/module-${place}.js:${place * 3 + 1}:${depth + 7})`;
  }).join('\n');
}
