// @ts-check

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * How long ago, in one glance: "12 s ago", "3 min ago". A time ahead of this clock is "just now".
 * @param {number} then milliseconds since the epoch
 * @param {number} now
 */
export function relativeTime(then, now) {
  const age = now - then;
  if (age < 5 * second) return 'just now';
  if (age < minute) return `${Math.floor(age / second)} s ago`;
  if (age < hour) return `${Math.floor(age / minute)} min ago`;
  if (age < day) return `${Math.floor(age / hour)} h ago`;
  return `${Math.floor(age / day)} d ago`;
}

/**
 * The exact time, in the reader's own zone and format, milliseconds included.
 * @param {number} then milliseconds since the epoch
 */
export function exactTime(then) {
  return new Date(then).toLocaleString(undefined, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    timeZoneName: 'short',
  });
}

/**
 * A duration with two units at most: "340 ms", "1.2 s", "2 min 3 s", "1 h 4 min".
 * @param {number} milliseconds
 */
export function duration(milliseconds) {
  if (milliseconds < second) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 10 * second) return `${(milliseconds / second).toFixed(1)} s`;
  if (milliseconds < minute) return `${Math.floor(milliseconds / second)} s`;
  if (milliseconds < hour) return pair(milliseconds, minute, 'min', second, 's');
  if (milliseconds < day) return pair(milliseconds, hour, 'h', minute, 'min');
  return pair(milliseconds, day, 'd', hour, 'h');
}

/**
 * @param {number} milliseconds
 * @param {number} large
 * @param {string} largeName
 * @param {number} small
 * @param {string} smallName
 */
function pair(milliseconds, large, largeName, small, smallName) {
  const rest = Math.floor((milliseconds % large) / small);
  const head = `${Math.floor(milliseconds / large)} ${largeName}`;
  return rest === 0 ? head : `${head} ${rest} ${smallName}`;
}
