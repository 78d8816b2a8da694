import { css } from 'lit';

const popover = css`
  .chip {
    anchor-name: --failure-chip;
  }
  .popover {
    position: fixed;
    inset: auto;
    inline-size: min(var(--failure-chip-popover-inline-size, 32rem), 100vw - 1rem);
    max-block-size: min(
      var(--failure-chip-popover-max-block-size, 28rem),
      var(--_room, 100dvb - 1rem)
    );
    margin: 0;
    padding: 0;
    /* What a table cell, a link or a disabled row around the chip would hand down. */
    font-size: var(--failure-chip-popover-font-size, 0.875rem);
    font-weight: normal;
    font-style: normal;
    line-height: 1.5;
    letter-spacing: normal;
    text-align: start;
    text-decoration: none;
    text-indent: 0;
    text-shadow: none;
    text-transform: none;
    white-space: normal;
    cursor: auto;
    user-select: text;
    pointer-events: auto;
    visibility: visible;
    color: var(--failure-chip-popover-color, var(--_text));
    background: var(--failure-chip-popover-background, var(--_surface));
    border: 1px solid var(--failure-chip-popover-border-color, var(--_line));
    border-radius: var(--failure-chip-popover-radius, 0.6rem);
    box-shadow: var(--failure-chip-popover-shadow, var(--_shadow));
    overflow: visible;
  }
  .popover:popover-open {
    display: flex;
    flex-direction: column;
  }
  .popover.anchored {
    --_room: 100% - 12px;
    position-anchor: --failure-chip;
    position-area: self-block-end span-self-inline-end;
    /* To the side that has more room, so that it need not turn over when it grows. */
    position-try-order: most-block-size;
    position-try-fallbacks:
      flip-block,
      flip-inline,
      flip-block flip-inline,
      block-end span-all,
      block-start span-all;
    position-visibility: anchors-visible;
    margin-block: 4px;
  }
  /* A window so low (a phone on its side, a page at 400 %) has no room beside the chip. */
  @media (max-height: 20rem) {
    .popover.anchored {
      --_room: 100dvb - 1rem;
      position-area: none;
      inset: 0.5rem;
      margin: auto;
      block-size: fit-content;
    }
  }
  @media (prefers-reduced-motion: no-preference) {
    .popover {
      transition: opacity 110ms ease-out;
    }
    @starting-style {
      .popover:popover-open {
        opacity: 0;
      }
    }
    .busy::before {
      animation: pulse 1.4s ease-in-out infinite;
    }
    @keyframes pulse {
      50% {
        opacity: 0.25;
      }
    }
  }
  .header,
  .footer {
    display: flex;
    flex: none;
    gap: 0.5rem;
    align-items: center;
    padding: 0.55rem 0.6rem 0.55rem 0.8rem;
  }
  .kind {
    display: flex;
  }
  .type {
    min-inline-size: 0;
    overflow: hidden;
    font-weight: 600;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .header .quiet {
    margin-inline-start: auto;
  }
  .body {
    display: flex;
    flex: 0 1 auto;
    flex-direction: column;
    min-block-size: 0;
    overflow: auto;
    overscroll-behavior: contain;
  }
  .message {
    --_box: var(--failure-chip-message-background, var(--_well));
    flex: 0 1 auto;
    min-block-size: 2.6em;
    margin-inline: 0.6rem;
    padding: 0.5rem 0.65rem;
    overflow: auto;
    overscroll-behavior: contain;
    font-family: var(--failure-chip-mono-font, ui-monospace, 'SF Mono', Menlo, Consolas, monospace);
    font-size: 0.93em;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    unicode-bidi: isolate;
    tab-size: 4;
    /* The shades lie still; the covers scroll with the text and hide them where it ends. */
    background:
      linear-gradient(var(--_box) 40%, transparent) 0 -1px / 100% 1.2rem no-repeat local,
      linear-gradient(transparent, var(--_box) 60%) 0 calc(100% + 1px) / 100% 1.2rem no-repeat local,
      linear-gradient(var(--_shade), transparent) top / 100% 0.5rem no-repeat scroll,
      linear-gradient(transparent, var(--_shade)) bottom / 100% 0.5rem no-repeat scroll,
      var(--_box);
    border-radius: 0.4rem;
  }
  .message.empty {
    font-family: inherit;
    color: var(--failure-chip-muted-color, var(--_muted));
  }
  .notice {
    flex: none;
    margin: 0;
    padding: 0.5rem 0.8rem 0;
    font-size: 0.93em;
    color: var(--failure-chip-muted-color, var(--_muted));
  }
  .details {
    display: flex;
    flex: none;
    flex-wrap: wrap;
    gap: 0.25rem 1.1rem;
    margin: 0;
    padding: 0.6rem 0.8rem;
    font-size: 0.93em;
  }
  .details > div {
    display: flex;
    gap: 0.4em;
    min-inline-size: 0;
  }
  .details dt {
    flex: none;
    color: var(--failure-chip-muted-color, var(--_muted));
  }
  .details dd {
    min-inline-size: 0;
    margin: 0;
    overflow-wrap: anywhere;
    unicode-bidi: isolate;
  }
`;

const controls = css`
  .footer {
    border-block-start: 1px solid var(--failure-chip-popover-border-color, var(--_line));
  }
  .note {
    flex: 1;
    min-inline-size: 0;
    color: var(--failure-chip-muted-color, var(--_muted));
  }
  .busy::before {
    display: inline-block;
    inline-size: 0.5em;
    block-size: 0.5em;
    margin-inline-end: 0.5em;
    content: '';
    background: currentColor;
    border-radius: 50%;
  }
  .quiet,
  .download {
    display: inline-flex;
    flex: none;
    gap: 0.4em;
    align-items: center;
    padding: 0.25em 0.65em;
    color: inherit;
    white-space: nowrap;
    background: transparent;
    border: 1px solid transparent;
    border-radius: 0.4rem;
  }
  .quiet {
    font-size: 0.93em;
    color: var(--failure-chip-muted-color, var(--_muted));
  }
  .quiet:hover {
    color: inherit;
    background: var(--failure-chip-message-background, var(--_well));
  }
  .quiet:is([part='retry']) {
    border-color: var(--failure-chip-popover-border-color, var(--_line));
  }
  .action {
    position: relative;
    display: inline-flex;
    flex: none;
  }
  .download {
    padding: 0.35em 0.9em;
    font-weight: 600;
    text-decoration: none;
    color: var(--failure-chip-on-accent-color, var(--_on-accent));
    background: var(--failure-chip-accent-color, var(--_accent));
  }
  .download:hover {
    filter: brightness(1.1);
  }
  .download[aria-disabled='true'] {
    color: var(--failure-chip-muted-color, var(--_muted));
    cursor: not-allowed;
    background: transparent;
    border: 1px dashed currentColor;
    filter: none;
  }
  .tooltip {
    position: absolute;
    inset-block-end: calc(100% + 0.45rem);
    inset-inline-end: 0;
    inline-size: max-content;
    max-inline-size: min(19rem, 100vw - 3rem);
    padding: 0.4rem 0.6rem;
    visibility: hidden;
    color: var(--failure-chip-popover-background, var(--_surface));
    background: var(--failure-chip-popover-color, var(--_text));
    border: 1px solid transparent;
    border-radius: 0.4rem;
  }
  .download:hover + .tooltip,
  .download:focus-visible + .tooltip,
  .download:focus + .tooltip,
  .tooltip:hover {
    visibility: visible;
  }
  @media (forced-colors: active) {
    .download[aria-disabled='true'],
    .note {
      color: GrayText;
    }
    .busy::before {
      background: CanvasText;
    }
  }
`;

/** The popover, its place, and what is in it. The colours are those of the element. */
export const popoverStyles = [popover, controls];
