import { css } from 'lit';
import { popoverStyles } from './popover.styles.ts';

/**
 * Colours are `light-dark()` pairs: they follow the `color-scheme` that the page gives the chip, and
 * through it the system where the page says `light dark`. Browsers without it take the light ones,
 * and the dark ones where the system is dark.
 */
const colours = css`
  :host {
    --_failure: #b42318;
    --_neutral: #4f5864;
    --_surface: #fff;
    --_text: #1b1f27;
    --_muted: #5a6372;
    --_line: #d9dde4;
    --_well: #f5f6f8;
    --_shade: #10182829;
    --_accent: #1d4fc4;
    --_on-accent: #fff;
    --_shadow: 0 1px 2px #10182814, 0 8px 28px #10182833;
  }
  @supports not (color: light-dark(#000, #fff)) {
    @media (prefers-color-scheme: dark) {
      :host {
        --_failure: #ff9c91;
        --_neutral: #a9b2c0;
        --_surface: #1d2027;
        --_text: #e8eaee;
        --_muted: #a3acba;
        --_line: #3a404c;
        --_well: #14161b;
        --_shade: #000c;
        --_accent: #8fb4ff;
        --_on-accent: #0c1730;
        --_shadow: 0 8px 28px #000a;
      }
    }
  }
  @supports (color: light-dark(#000, #fff)) {
    :host {
      --_failure: light-dark(#b42318, #ff9c91);
      --_neutral: light-dark(#4f5864, #a9b2c0);
      --_surface: light-dark(#fff, #1d2027);
      --_text: light-dark(#1b1f27, #e8eaee);
      --_muted: light-dark(#5a6372, #a3acba);
      --_line: light-dark(#d9dde4, #3a404c);
      --_well: light-dark(#f5f6f8, #14161b);
      --_shade: light-dark(#10182829, #000c);
      --_accent: light-dark(#1d4fc4, #8fb4ff);
      --_on-accent: light-dark(#fff, #0c1730);
      --_shadow: 0 1px 2px light-dark(#10182814, #0006), 0 8px 28px light-dark(#10182833, #000a);
    }
  }
`;

const chip = css`
  :host {
    /* Keeps the unseen texts inside a table that scrolls. */
    position: relative;
    display: inline-grid;
    /* A table asks for a smallest and a largest width: an icon, and no more than the chip's own. */
    grid-template-columns: fit-content(var(--failure-chip-max-inline-size, 26rem));
    max-inline-size: 100%;
    font: inherit;
  }
  :host([hidden]) {
    display: none;
  }
  * {
    box-sizing: border-box;
  }
  button {
    margin: 0;
    font: inherit;
    letter-spacing: inherit;
    cursor: pointer;
  }
  .failed {
    color: var(--failure-chip-color, var(--_failure));
  }
  .neutral {
    color: var(--failure-chip-neutral-color, var(--_neutral));
  }
  .chip {
    display: flex;
    align-items: center;
    justify-self: start;
    gap: 0.4em;
    min-inline-size: 2rem;
    max-inline-size: 100%;
    padding: var(--failure-chip-padding, 0.1em 0.55em 0.1em 0.4em);
    font-size: var(--failure-chip-font-size, 0.925em);
    line-height: 1.45;
    text-align: start;
    background: var(--failure-chip-background, color-mix(in srgb, currentColor 9%, transparent));
    border: 1px solid
      var(--failure-chip-border-color, color-mix(in srgb, currentColor 32%, transparent));
    border-radius: var(--failure-chip-radius, 0.4em);
  }
  .chip.neutral {
    border-style: dashed;
  }
  .chip:hover,
  .chip[aria-expanded='true'] {
    background: var(
      --failure-chip-background-hover,
      color-mix(in srgb, currentColor 17%, transparent)
    );
  }
  :is(button, .download, .message):focus-visible {
    outline: 2px solid var(--failure-chip-focus-color, var(--_accent));
    outline-offset: 2px;
  }
  .label {
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .icon {
    flex: none;
    inline-size: 1em;
    block-size: 1em;
  }
  .mark {
    padding-inline: 0.25em;
    font-family: var(--failure-chip-mono-font, ui-monospace, 'SF Mono', Menlo, Consolas, monospace);
    font-size: 0.78em;
    color: var(--failure-chip-color, var(--_failure));
    unicode-bidi: isolate;
    border: 1px solid currentColor;
    border-radius: 3px;
  }
  .unseen {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;

/** All style sheets of the element, in the order in which they hold. */
export const failureChipStyles = [colours, chip, ...popoverStyles];
