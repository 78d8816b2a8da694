import { findBytes } from '../find-bytes.ts';
import { ADDRESS_PREFIX, cutAddresses } from './addresses.ts';
import { Cuts, type CutStackText } from './cuts.ts';
import { FrameLines } from './frame-lines.ts';
import { kinshipOf } from './kinship.ts';
import { WordFinder } from './message-words.ts';
import { cutVaryingWords } from './varying-words.ts';

/** A message shorter than this saves less by being cut out than its holes cost. */
const SHORTEST_MESSAGE_BYTES = 4;
/**
 * So much of a text is looked through for what varies: bytes of lines that are no frames, and an extra
 * for each line. It takes 1 to 10 ms; what is beyond stays as it is, but for the message. A text with
 * lines of a few bytes gets less, because each costs as much as one of a stack: without that, a text of
 * line feeds took a hundred times as long as its hash.
 */
const MOST_EFFORT = 262_144;
const EFFORT_OF_A_LINE = 16;
const effortFor = (text: Buffer) => Math.min(MOST_EFFORT, 1_024 + text.length * 3);

const LINE_FEED = 10;
const NO_FRAME = { from: 0, to: 0 };

/**
 * Cuts out of a stack text what varies from failure to failure: the message, and on lines that are no
 * stack frames numbers, moments, ids and words of the message. So failures that differ in these alone
 * share one stored text. Filling the holes of the template in order gives the text byte for byte.
 *
 * Takes time linear in the length of the text, whatever is in it.
 */
export function cutStackText(text: Buffer, message: Buffer): CutStackText {
  const cuts = new Cuts(text);
  const words = new WordFinder(message);
  const frames = new FrameLines();
  const nextMessage = (from: number) =>
    message.length < SHORTEST_MESSAGE_BYTES ? -1 : findBytes(text, message, from);
  const endOfLine = (from: number) => {
    const at = text.indexOf(LINE_FEED, from);
    return at === -1 ? text.length : at;
  };

  // Most texts have no address: one search of 0.3 µs in place of a look at each byte of the frames.
  const hasAddresses = text.includes(ADDRESS_PREFIX);
  let messageAt = nextMessage(0);
  let effort = effortFor(text);
  let firstFrame = NO_FRAME;
  let lastFrame = NO_FRAME;
  let at = 0;

  /** Up to `to`, in a line that varies from `varies` on. */
  function cutPart(to: number, varies: number): void {
    const from = Math.max(at, varies);
    if (hasAddresses && at < varies) cutAddresses(text, at, Math.min(varies, to), cuts);
    if (from < to && effort > 0) {
      const end = Math.min(to, from + effort);
      cutVaryingWords(text, from, end, words, cuts);
      effort -= end - from;
    }
    at = to;
  }

  while (at < text.length && effort > 0 && !cuts.isFull) {
    let end = endOfLine(at);
    let varies = frames.variesFrom(text, at, end);
    const isFrame = varies === end && end > at;
    const from = cuts.templateOffset(at);
    effort -= EFFORT_OF_A_LINE;
    while (messageAt !== -1 && messageAt < end) {
      cutPart(messageAt, varies);
      at = messageAt + message.length;
      cuts.addMessage(messageAt, at);
      if (at > end) {
        // The message has several lines. What stands behind it is no frame.
        varies = at;
        end = endOfLine(at);
      }
      messageAt = nextMessage(at);
    }
    cutPart(end, varies);
    if (isFrame) {
      lastFrame = { from, to: cuts.templateOffset(end) };
      if (firstFrame === NO_FRAME) firstFrame = lastFrame;
    }
    at = end + 1;
  }
  while (messageAt !== -1 && cuts.addMessage(messageAt, messageAt + message.length)) {
    messageAt = nextMessage(messageAt + message.length);
  }
  const result = cuts.result();
  return { ...result, kinship: kinshipOf(result.template, firstFrame, lastFrame) };
}
