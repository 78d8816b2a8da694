import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import type { ChipView, Detail, TraceView } from './chip-view.ts';
import { icons } from './icons.ts';
import type { ChipLabels } from './labels.ts';
import { visibleString, visibleText } from './visible-text.ts';

/** How the last press of the copy button ended; null when that is long ago. */
export type CopyState = 'copied' | 'failed' | null;

/** What the markup calls back. */
export interface ChipActions {
  readonly press: () => void;
  readonly copy: (event: Event) => void;
  readonly download: (event: Event) => void;
  readonly retry: () => void;
}

interface ChipMarkup {
  readonly view: ChipView;
  readonly labels: ChipLabels;
  readonly actions: ChipActions;
  readonly isOpen: boolean;
  readonly isAnchored: boolean;
  readonly copyState: CopyState;
  readonly announcement: string;
}

/** The whole chip. The popover comes right after the button, so that Tab goes from one to the other. */
export function chipTemplate(markup: ChipMarkup): TemplateResult {
  const { view, labels, actions, isOpen } = markup;
  const { failed } = labels;
  return html`<button
      part="chip"
      class="chip ${view.tone}"
      type="button"
      aria-haspopup="dialog"
      aria-expanded=${isOpen ? 'true' : 'false'}
      aria-controls="popover"
      @click=${actions.press}
    >
      ${icon(view.tone)}
      ${view.tone === 'failed' ? html`<span class="unseen">${failed} </span>` : nothing}
      <span part="label" class="label" dir="auto">${inked(view.label)}</span>
    </button>
    <div
      part="popover"
      id="popover"
      class="popover ${markup.isAnchored ? 'anchored' : ''}"
      popover="manual"
      role="dialog"
      aria-label=${view.dialog}
    >
      ${isOpen ? popoverContent(markup) : nothing}
    </div>
    <span class="unseen" role="status">${visibleString(markup.announcement)}</span>`;
}

function popoverContent(markup: ChipMarkup): TemplateResult {
  const { view, labels, actions } = markup;
  const { message, notice } = view;
  return html`<header part="header" class="header">
      <span class="kind ${view.tone}">${icon(view.tone)}</span>
      <strong part="type" class="type" dir="auto">${inked(view.heading)}</strong>
      ${message ? copyButton(markup) : nothing}
    </header>
    <div class="body">
      ${message === null ? nothing : messageBox(message, notice, labels)}
      ${notice === '' ? nothing : html`<p part="notice" id="notice" class="notice">${notice}</p>`}
      <dl part="details" class="details">${view.details.map(detail)}</dl>
    </div>
    <footer part="footer" class="footer">${traceControls(view.trace, labels, actions)}</footer>`;
}

function messageBox(message: string, notice: string, labels: ChipLabels): TemplateResult {
  const content = message === '' ? labels.noMessage : guard([message], () => inked(message));
  // White space is kept in there, so there must be none but the message's own.
  // The inner <div> is laid out once for all the places that anchor positioning tries: a megabyte
  // then takes 0.4 s and not 13 s.
  // prettier-ignore
  return html`<div
      part="message"
      class="message ${message === '' ? 'empty' : ''}"
      role="group"
      tabindex="0"
      aria-label=${labels.message}
      aria-describedby=${notice === '' ? nothing : 'notice'}
      dir="auto"
    ><div>${content}</div></div>`;
}

function copyButton({ view, labels, actions, copyState: state }: ChipMarkup): TemplateResult {
  const copy = view.messageIsCut ? labels.copyCut : labels.copy;
  const texts = { copied: labels.copied, failed: labels.copyFailed };
  return html`<button part="copy" class="quiet" type="button" @click=${actions.copy}>
    ${icon(state === 'copied' ? 'copied' : 'copy')}
    <span>${state === null ? copy : texts[state]}</span>
  </button>`;
}

function detail({ name, value, time }: Detail): TemplateResult {
  const shown = time === null ? inked(value) : html`<time datetime=${time}>${value}</time>`;
  return html`<div>
    <dt>${name}</dt>
    <dd dir="auto">${shown}</dd>
  </div>`;
}

/**
 * One `<a>` in every state, so that the focus stays on it when a pending trace becomes available.
 * Without `href` it is a placeholder link (HTML, 4.6.1): focusable here by `tabindex`, and disabled.
 */
function traceControls(trace: TraceView, labels: ChipLabels, actions: ChipActions): TemplateResult {
  const link = trace.available ? trace : null;
  const leavesOrigin = link !== null && new URL(link.href).origin !== globalThis.location.origin;
  const retry = !trace.available && trace.retry;
  return html`<span part="note" class="note ${!trace.available && trace.busy ? 'busy' : ''}"
      ><bdi>${trace.note}</bdi></span
    >
    ${
      retry
        ? html`<button part="retry" class="quiet" type="button" @click=${actions.retry}>
            ${labels.retry}
          </button>`
        : nothing
    }
    <span class="action">
      <a
        part="download"
        class="download"
        href=${link?.href ?? nothing}
        download=${link?.filename ?? nothing}
        target=${leavesOrigin ? '_blank' : nothing}
        rel="noopener"
        role=${link ? nothing : 'link'}
        tabindex="0"
        aria-disabled=${link ? nothing : 'true'}
        aria-describedby=${link ? nothing : 'reason'}
        @click=${actions.download}
        >${icon('download')}<span>${labels.viewTrace}</span></a
      >
      ${
        trace.available
          ? nothing
          : html`<span part="tooltip" class="tooltip" id="reason" role="tooltip"
              >${trace.sentence}</span
            >`
      }
    </span>`;
}

function icon(name: keyof typeof icons): TemplateResult {
  return html`<svg part="icon" class="icon" viewBox="0 0 16 16" aria-hidden="true">
    ${icons[name]}
  </svg>`;
}

/** Text in which nothing is invisible: what would not show is a small box with its name. */
function inked(text: string): unknown[] {
  return visibleText(text).map((segment) =>
    'text' in segment
      ? segment.text
      : html`<span part="mark" class="mark" dir="ltr" title=${segment.name}>${segment.mark}</span>`,
  );
}
