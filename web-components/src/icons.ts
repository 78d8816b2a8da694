import { svg, type SVGTemplateResult } from 'lit';

/** Drawn on a 16 by 16 grid, in the colour of the text around them. */
export const icons = {
  failed: svg`<path d="M8 1.2 14.8 8 8 14.8 1.2 8Z" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round" /><path d="M8 5v3.4M8 10.6v.2" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" />`,
  neutral: svg`<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.5" stroke-dasharray="2.4 2.3" />`,
  copy: svg`<rect x="5.5" y="5.5" width="8" height="8.5" rx="1.5" fill="none" stroke="currentColor" stroke-width="1.4" /><path d="M10.5 3.2v-.2A1.5 1.5 0 0 0 9 1.5H4A1.5 1.5 0 0 0 2.5 3v6A1.5 1.5 0 0 0 4 10.5" fill="none" stroke="currentColor" stroke-width="1.4" />`,
  copied: svg`<path d="m3 8.6 3.2 3.2L13 4.8" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" />`,
  download: svg`<path d="M8 2v7.4M4.8 6.6 8 9.8l3.2-3.2M2.5 13.5h11" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" />`,
} satisfies Record<string, SVGTemplateResult>;
