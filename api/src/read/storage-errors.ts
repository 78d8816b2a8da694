import { ClickHouseError } from '@clickhouse/client';
import { ApiError, PayloadTooLarge, StorageUnavailable } from '../errors.ts';

/** ClickHouse's own number for an answer above `max_result_rows` or `max_result_bytes`. */
const tooManyRowsOrBytes = '396';

/**
 * Turns what the ClickHouse client throws into what a caller may see. The client's own message
 * can hold SQL, host names and user names, so it stays in the `cause`.
 */
export function toStorageError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const options = { cause: thrown };
  if (thrown instanceof ClickHouseError && thrown.code === tooManyRowsOrBytes) {
    return new PayloadTooLarge('The answer would be too large. Ask for fewer runs.', options);
  }
  if (thrown instanceof ClickHouseError) {
    return new StorageUnavailable('The storage refused to answer. Try again later.', options);
  }
  if (thrown instanceof RangeError) {
    return new StorageUnavailable('The storage gave an incomplete answer.', options);
  }
  return new StorageUnavailable('The storage does not answer. Try again later.', options);
}
