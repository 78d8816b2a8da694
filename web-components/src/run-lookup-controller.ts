import type { Run } from '@failtrace/contract';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { RunRef } from './api-url.ts';
import type { LookupQueue } from './lookup-queue.ts';
import { pollDelay } from './poll-delay.ts';
import { isTransient, type ProblemCode } from './problem.ts';
import { type ApiEndpoint, fetchRun, type RunOutcome } from './run-client.ts';

/** What is known of the run. A run that was known before stays while it is asked for again. */
export type LookupState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'loading'; readonly run: Run | null }
  | { readonly kind: 'ready'; readonly run: Run }
  | { readonly kind: 'failed'; readonly problem: ProblemCode };

/** Which run is asked for, and where. */
export interface LookupTarget {
  readonly endpoint: ApiEndpoint;
  readonly run: RunRef;
}

interface Options {
  /** Null where the chip is not set up well enough to ask. */
  target(): LookupTarget | null;
  queue(): LookupQueue;
}

/** An answer without a trace is asked for again when the popover opens after this time. */
const freshMs = 5_000;

/**
 * Looks a run up, alone or together with others, and asks again while its trace is pending.
 *
 * Every request ends with the element: on disconnect, and when the run or the API changes.
 */
export class RunLookupController implements ReactiveController {
  state: LookupState = { kind: 'idle' };
  readonly #host: ReactiveControllerHost;
  readonly #options: Options;
  #request: AbortController | null = null;
  #poll: ReturnType<typeof setTimeout> | undefined;
  #polls = 0;
  #answeredAt = 0;

  constructor(host: ReactiveControllerHost, options: Options) {
    this.#host = host;
    this.#options = options;
    host.addController(this);
  }

  hostConnected(): void {
    this.#pollIfPending();
  }

  hostDisconnected(): void {
    this.#stop();
    if (this.state.kind !== 'loading') return;
    const { run } = this.state;
    this.state = run === null ? { kind: 'idle' } : { kind: 'ready', run };
  }

  /** Forgets the run: another one is shown now, or another API asked. */
  reset(): void {
    this.#stop();
    this.#polls = 0;
    this.#set({ kind: 'idle' });
  }

  /** Takes over a run that the host page already has. */
  accept(run: Run): void {
    this.#stop();
    this.#settle({ ok: true, run });
  }

  /** Asks for this run alone, unless what is known will do. */
  async askOnce(): Promise<void> {
    if (this.#isGoodEnough()) return;
    await this.#ask((target, signal) => fetchRun(target.endpoint, target.run, signal));
  }

  /** Asks for this run together with others of the page, unless it was asked for before. */
  async askWithOthers(): Promise<void> {
    if (this.state.kind !== 'idle') return;
    await this.#askQueue();
  }

  /** Asks for this run alone, whatever is known: the person has asked for it. */
  async retry(): Promise<void> {
    await this.#ask((target, signal) => fetchRun(target.endpoint, target.run, signal));
  }

  async #askQueue(): Promise<void> {
    await this.#ask(({ endpoint, run }, signal) =>
      this.#options.queue().look(endpoint, run, signal),
    );
  }

  async #ask(
    send: (target: LookupTarget, signal: AbortSignal) => Promise<RunOutcome>,
  ): Promise<void> {
    const target = this.#options.target();
    if (target === null) return;
    this.#stop();
    const request = new AbortController();
    this.#request = request;
    this.#set({ kind: 'loading', run: this.state.kind === 'ready' ? this.state.run : null });
    try {
      const outcome = await send(target, request.signal);
      // The answer may have been on its way already when the request was given up.
      if (!request.signal.aborted) this.#settle(outcome);
    } catch (error) {
      if (!request.signal.aborted) throw error;
    }
  }

  #settle(outcome: RunOutcome): void {
    this.#request = null;
    this.#answeredAt = Date.now();
    const known = this.state.kind === 'loading' ? this.state.run : null;
    if (outcome.ok) {
      this.#set({ kind: 'ready', run: outcome.run });
    } else if (known !== null && isPending(known) && isTransient(outcome.problem)) {
      // One lost poll is no news: the run is still pending, and the next poll is already due.
      this.#set({ kind: 'ready', run: known });
    } else {
      this.#set({ kind: 'failed', problem: outcome.problem });
    }
    this.#pollIfPending();
  }

  #pollIfPending(): void {
    if (this.state.kind !== 'ready' || !isPending(this.state.run)) {
      this.#polls = 0;
      return;
    }
    clearTimeout(this.#poll);
    this.#poll = setTimeout(() => {
      // Nobody looks at a page in the background; it asks once it is seen again.
      if (globalThis.document?.hidden) this.#pollIfPending();
      else void this.#askQueue();
    }, pollDelay(this.#polls));
    this.#polls += 1;
  }

  #isGoodEnough(): boolean {
    if (this.state.kind === 'idle') return false;
    if (this.state.kind === 'loading') return true;
    const isAvailable = this.state.kind === 'ready' && this.state.run.trace.available;
    return isAvailable || Date.now() - this.#answeredAt < freshMs;
  }

  #stop(): void {
    this.#request?.abort();
    this.#request = null;
    clearTimeout(this.#poll);
  }

  #set(state: LookupState): void {
    this.state = state;
    this.#host.requestUpdate();
  }
}

function isPending(run: Run): boolean {
  return run.trace.reason === 'pending';
}
