/**
 * What the program that follows a run says, in its answer:
 *   `o <offset> <length>` and that many bytes of stdout, `e …` of stderr, `v …` of the values file;
 *   then one closing word with arguments (`x 3` ended with code 3, `r` still running, …; see `runner.ts`).
 */
export interface Frames {
  readonly onOutput: (stream: 'stdout' | 'stderr' | 'values', offset: number, bytes: Buffer) => void
  readonly onWord: (word: string, args: readonly string[]) => void
}
const STREAMS: Record<string, 'stdout' | 'stderr' | 'values'> = { o: 'stdout', e: 'stderr', v: 'values' }

/** Reads frames as they come; bytes of a frame cut off by a dying connection are passed on as far as they came. */
export function frameReader(frames: Frames): (bytes: Buffer) => void {
  let held: Buffer = Buffer.alloc(0)
  let open: { stream: 'stdout' | 'stderr' | 'values'; offset: number; left: number } | null = null
  return (bytes) => {
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes])
    while (held.length > 0) {
      if (open) {
        const part = held.subarray(0, open.left)
        frames.onOutput(open.stream, open.offset, part)
        held = held.subarray(part.length)
        open =
          part.length === open.left
            ? null
            : { ...open, offset: open.offset + part.length, left: open.left - part.length }
        continue
      }
      const end = held.indexOf(10)
      if (end < 0) return
      const [word = '', ...args] = held.subarray(0, end).toString('utf8').trim().split(' ')
      held = held.subarray(end + 1)
      const stream = STREAMS[word]
      if (stream) open = args[1] === '0' ? null : { stream, offset: Number(args[0]), left: Number(args[1]) }
      else if (word !== '') frames.onWord(word, args)
    }
  }
}
