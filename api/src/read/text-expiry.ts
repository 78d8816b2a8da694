import { SECONDS_PER_DAY, stackTextExpiry } from '@failtrace/contract';

/**
 * SQL for when the text of a failure expires, from its own `expires_at`: it picks one partition out of
 * all that are kept. The contract's rule, as days after the failure's own day.
 */
export const textExpiresAt = `toStartOfDay(expires_at) + toIntervalDay(${stackTextExpiry(0) / SECONDS_PER_DAY})`;
