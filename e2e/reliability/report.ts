import os from 'node:os';
import type { Answers } from './load/ledger.ts';
import type { Outcome } from './run-fault.ts';

/** A fault that could not be had on this machine. */
export interface Skipped {
  name: string;
  /** What is missing. */
  missing: string;
}

/** The outcomes as a Markdown table, with the machine above it. */
export function asMarkdown(
  outcomes: readonly Outcome[],
  skipped: readonly Skipped[],
  seed: string,
): string {
  const [cpu] = os.cpus();
  const head = `Measured on ${os.cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}, seed \`${seed}\`.`;
  const lines = outcomes.map((outcome) => `| ${cells(outcome).join(' | ')} |`);
  const missing = skipped.map(
    ({ name, missing: what }) => `- \`${name}\` was left out: it needs ${what}.`,
  );
  return [
    head,
    '',
    '| fault | acknowledged | lost / doubled / wrong | senders were told | readers were told | goes on after, s | stored again | receiver / API, MB |',
    '|---|---|---|---|---|---|---|---|',
    ...lines,
    ...(missing.length > 0 ? ['', ...missing] : []),
  ].join('\n');
}

function cells(outcome: Outcome): string[] {
  const { fault, findings, recoveriesMs, receiverMb, apiMb, notes } = outcome;
  const found = (['lost', 'doubled', 'wrong'] as const).map((kind) => findings.count(kind));
  const besides = (['refused', 'untrue', 'stuck'] as const)
    .filter((kind) => findings.count(kind) > 0)
    .map((kind) => `, ${findings.count(kind)} ${kind}`);
  const remarks = [
    ...notes,
    ...(outcome.forgiven > 0 ? [`${outcome.forgiven} not claimed`] : []),
    ...(outcome.givenUp > 0 ? [`${outcome.givenUp} given up by senders`] : []),
  ];
  return [
    `\`${fault.name}\`: ${[fault.what, ...remarks].join('; ')}`,
    String(outcome.acknowledged),
    found.join(' / ') + besides.join(''),
    inWords(outcome.senders),
    inWords(outcome.readers),
    recoveriesMs.length === 0
      ? ''
      : `${seconds(middle(recoveriesMs))} / ${seconds(Math.max(...recoveriesMs))}`,
    String(outcome.repeatedRows),
    `${Math.round(receiverMb)} / ${Math.round(apiMb)}`,
  ];
}

/** On one line, for whoever watches. */
export function asLine(outcome: Outcome): string {
  const lines = outcome.findings.lines();
  const verdict = lines.length === 0 ? 'ok' : `NOT OK (${lines.length})`;
  const [, acknowledged, , senders, readers, recovery, repeated, memory] = cells(outcome);
  return [
    `${verdict}  ${outcome.fault.name}: ${acknowledged} acknowledged, senders ${senders || 'nothing else'}, readers ${readers}, goes on after ${recovery} s, ${repeated} stored again, ${memory} MB, ${outcome.seconds.toFixed(0)} s; ${outcome.notes.join('; ')}`,
  ].join('\n');
}

function inWords(answers: Answers): string {
  return [...answers]
    .toSorted(([, a], [, b]) => b - a)
    .map(([answer, count]) => `${count} × ${answer}`)
    .join(', ');
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
