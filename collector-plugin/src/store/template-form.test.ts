import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filledForm, TemplateForm } from './template-form.ts';

const message = Buffer.from('order 4711 of alice');
const cuts = [Buffer.from('1'), Buffer.from('')];

function form(templateBytes: number): Buffer {
  const holes = new TemplateForm();
  holes.value(7);
  holes.message(7);
  holes.value(7);
  holes.messageWord(300, 2);
  holes.message(1_073_217_536);
  return holes.packed(templateBytes);
}

describe('the form of a template', () => {
  it('comes back with what belongs into its holes', () => {
    const templateForm = form(1_073_217_540);
    expect(filledForm({ templateForm, cuts, message })).toEqual({
      templateBytes: 1_073_217_540,
      holes: [
        { offset: 7, content: cuts[0] },
        { offset: 7, content: undefined },
        { offset: 7, content: cuts[1] },
        { offset: 300, content: Buffer.from('alice') },
        { offset: 1_073_217_536, content: undefined },
      ],
    });
  });

  it('of no text has nothing', () => {
    const empty = { templateForm: Buffer.alloc(0), cuts: [], message };
    expect(filledForm(empty)).toEqual({ templateBytes: 0, holes: [] });
  });

  it.each([
    ['a cut too few', { cuts: cuts.slice(1) }],
    ['a cut too many', { cuts: [...cuts, ...cuts] }],
    ['another message', { message: Buffer.from('order') }],
    ['a message cut off', { message: Buffer.alloc(8_192, 'word ') }],
    ['a form cut off', { templateForm: form(1_000).subarray(0, -1) }],
    ['an endless number', { templateForm: Buffer.alloc(30, 0xff) }],
  ])('is refused with %s', (_, difference) => {
    const row = { templateForm: form(1_000), cuts, message, ...difference };
    expect(() => filledForm(row)).toThrow(RangeError);
  });

  it('throws nothing but RangeErrors at garbage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (templateForm) => {
        try {
          filledForm({ templateForm, cuts: [], message });
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});
