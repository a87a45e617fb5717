import { StringDecoder } from 'node:string_decoder'
import { TAIL_BYTES } from './runner.ts'

/** One stream of a run as it comes in by byte offset: passed on for the log, its end kept for the outputs, holes counted. */
export class OutputStream {
  /** Where to go on reading. */
  at = 0
  dropped = 0
  #tail: Buffer = Buffer.alloc(0)
  #decoder = new StringDecoder('utf8')
  readonly #log: (text: string) => void
  readonly #hole: (bytes: number) => void
  constructor(log: (text: string) => void, hole: (bytes: number) => void) {
    this.#log = log
    this.#hole = hole
  }
  take(offset: number, bytes: Buffer): void {
    if (offset > this.at) {
      this.dropped += offset - this.at
      this.#hole(offset - this.at)
      this.#tail = Buffer.alloc(0)
      this.#decoder = new StringDecoder('utf8')
      this.at = offset
    }
    this.at += bytes.length
    this.#tail = Buffer.concat([this.#tail, bytes]).subarray(-TAIL_BYTES)
    const text = this.#decoder.write(bytes)
    if (text !== '') this.#log(text)
  }
  end(): void {
    const rest = this.#decoder.end()
    if (rest !== '') this.#log(rest)
  }
  get tail(): string {
    let from = 0
    // A tail may begin inside a character.
    if (this.at > TAIL_BYTES) while (from < 4 && ((this.#tail[from] ?? 0) & 0xc0) === 0x80) from++
    return this.#tail.subarray(from).toString('utf8')
  }
}

/** The lines `key=value` that a script appended to `$BATON_OUTPUT`; the last of a key counts, other lines are passed over. */
export function parseValues(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  for (const line of text.split('\n')) {
    const pair = /^\s*([A-Za-z_][A-Za-z0-9_.-]*)=(.*?)\r?$/.exec(line)
    if (pair?.[1] !== undefined && pair[1] !== '__proto__') values[pair[1]] = pair[2] ?? ''
  }
  return values
}
