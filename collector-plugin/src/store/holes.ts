/*
 * A stack text is stored as a template: what varies from failure to failure is cut out of it. Where
 * something was cut out is a hole, given as its offset in the template, so that all failures of a
 * template have the same holes, which then take next to no room. Several may stand at one offset.
 */

/** A hole as the rows have it: its offset in the template, doubled, plus 1 where the message belongs. */
export type Hole = number;

/** The hole for the next of the row's cut values. */
export function valueHole(templateOffset: number): Hole {
  return templateOffset * 2;
}

/** The hole for the whole message of the failure. */
export function messageHole(templateOffset: number): Hole {
  return templateOffset * 2 + 1;
}

export function isMessageHole(hole: Hole): boolean {
  return hole % 2 === 1;
}

/** Its byte offset in the template. */
export function holeOffset(hole: Hole): number {
  return Math.floor(hole / 2);
}
