import type { Logger } from './log.ts';

type Level = 'warn' | 'error';

/** One kind of trouble, since it was told in full. */
interface Kind {
  level: Level;
  message: string;
  /** What was told with it that is short. */
  fields: Record<string, unknown>;
  more: number;
}

/** So often, in milliseconds, it is told how much more there was. */
const EVERY_MS = 10_000;
/** More kinds than these count as one: what makes a kind may come from outside. */
const MAX_KINDS = 100;
const MAX_CAUSES = 3;

/**
 * A log for trouble that may come with each of thousands of requests: what is of one kind (the same
 * message, route and codes of the error) is told once in full, and then every ten seconds how often it
 * came again. After ten seconds without it, the next one is told in full again. `info` is passed on.
 */
export function countRepeats(logger: Logger, everyMs: number = EVERY_MS): Logger {
  const kinds = new Map<string, Kind>();
  let timer: NodeJS.Timeout | undefined;

  function tell(level: Level, fields: Record<string, unknown>, message: string): void {
    const { err, ...others } = fields;
    const codes = codesOf(err, MAX_CAUSES);
    const key = kindOf(`${level} ${message} ${String(fields['route'])} ${codes.join(' ')}`);
    const known = kinds.get(key);
    if (known) {
      known.more += 1;
      return;
    }
    kinds.set(key, { level, message, fields: { ...others, codes }, more: 0 });
    timer ??= setInterval(tellMore, everyMs).unref();
    logger[level](fields, message);
  }

  function kindOf(key: string): string {
    return kinds.has(key) || kinds.size < MAX_KINDS ? key : 'others';
  }

  function tellMore(): void {
    for (const [key, kind] of kinds) {
      const { level, fields, message, more } = kind;
      if (more === 0) kinds.delete(key);
      else {
        const times = more.toLocaleString('en');
        const text = `${message} … ${times} more in ${everyMs / 1_000} s.`;
        logger[level]({ ...fields, more }, text);
      }
      kind.more = 0;
    }
    if (kinds.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => tell('warn', fields, message),
    error: (fields, message) => tell('error', fields, message),
  };
}

/** The codes of an error and of its causes, or the names of those that have none. */
function codesOf(error: unknown, causes: number): string[] {
  if (!(error instanceof Error)) return [];
  const { code, type } = error as Error & { code?: unknown; type?: unknown };
  const own = [type, code].find((text) => typeof text === 'string') ?? error.name;
  return [own, ...(causes > 0 ? codesOf(error.cause, causes - 1) : [])];
}
