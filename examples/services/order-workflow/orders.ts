import { workFor } from './pause.ts';

class OrderNotFoundError extends Error {
  override readonly name = 'OrderNotFoundError';
}

class AddressRejectedError extends Error {
  override readonly name = 'AddressRejectedError';
}

/** Looks for an order that was archived; the message names a new order each time. */
export async function loadArchivedOrder(orderNumber: number): Promise<never> {
  await workFor(20);
  return fromArchive(orderNumber, new Map<number, never>());
}

function fromArchive(orderNumber: number, archive: ReadonlyMap<number, never>): never {
  return archive.get(orderNumber) ?? raiseNotFound(orderNumber);
}

function raiseNotFound(orderNumber: number): never {
  throw new OrderNotFoundError(`Order ${orderNumber} not found`);
}

/** Hands an order to a carrier that does not deliver to its address. */
export async function bookCarrier(orderNumber: number): Promise<never> {
  await workFor(50);
  return checkDeliveryAddress(orderNumber, { postcode: 'IV27 4XX', country: 'GB' });
}

function checkDeliveryAddress(
  orderNumber: number,
  { postcode, country }: { postcode: string; country: string },
): never {
  throw new AddressRejectedError(
    `carrier "Nordlicht Express" does not deliver to ${postcode} (${country}); ` +
      `order ${orderNumber} needs another carrier or a pick-up point`,
  );
}
