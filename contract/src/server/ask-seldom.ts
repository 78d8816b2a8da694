/**
 * Asks a question once for all who want to know at the same time, and keeps the answer, also that it
 * failed, for a while. So it costs the same however many ask.
 *
 * @param keepMs milliseconds from the answer on
 */
export function askSeldom<Answer>(
  ask: () => Promise<Answer>,
  keepMs: number,
): () => Promise<Answer> {
  let known: Promise<Answer> | undefined;
  const forgetLater = () => {
    setTimeout(() => (known = undefined), keepMs).unref();
  };
  return () => {
    if (!known) {
      known = ask();
      known.then(forgetLater, forgetLater);
    }
    return known;
  };
}
