import { scenarios } from '../scenarios.ts';
import { startServiceProcess } from '../service-process.ts';
import { runAttempt } from './workflow-run.ts';

const { record, serve, tell } = startServiceProcess(process.env);

serve((message) => {
  if (message.kind !== 'run') return;
  const { runId, attempt, scenario, paymentUrl } = message;
  const { workflow, attempts } = scenarios[scenario];
  const work = attempts[attempt - 1];
  if (work === undefined) throw new RangeError(`${scenario} has no attempt ${attempt}`);
  void runAttempt({ runId, attempt, workflow, work, paymentUrl }, record).then((result) => {
    tell({ kind: 'ran', attempt: result });
    return result;
  });
});
tell({ kind: 'ready', url: '' });
