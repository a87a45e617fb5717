import { closeSync, existsSync, openSync, readSync } from 'node:fs'

/** What a write-ahead log that was not taken into its database holds. */
export interface WalDamage {
  /** Frames from the first one that does not fit, to the last that was written. SQLite leaves all of them out. */
  readonly frames: number
  /**
   * Commits were on disk behind the damage: they are lost. False: only the very last one is broken; it was either being written
   * when the process ended, and then nobody was told of it, or it is lost.
   */
  readonly isCertain: boolean
}
const HEADER = 32
const FRAME = 24

/**
 * Reads a write-ahead log as SQLite is about to (https://sqlite.org/fileformat2.html#walformat): it stops without a word at the
 * first frame whose checksum does not fit. Null: every frame fits, or there are none.
 */
export function walDamage(database: string): WalDamage | null {
  const path = `${database}-wal`
  if (!existsSync(path)) return null
  const file = openSync(path, 'r')
  try {
    const header = Buffer.alloc(HEADER)
    if (readSync(file, header, 0, HEADER, 0) < HEADER) return null
    const magic = header.readUInt32BE(0)
    if (magic !== 0x377f0682 && magic !== 0x377f0683) return null
    const isLittle = magic === 0x377f0682
    const size = FRAME + header.readUInt32BE(8)
    const frame = Buffer.alloc(size)
    const view = new DataView(frame.buffer, frame.byteOffset, size)
    let sums: readonly [number, number] = [header.readUInt32BE(24), header.readUInt32BE(28)]
    let broken = 0
    let commitsBehind = 0
    for (let at = HEADER; readSync(file, frame, 0, size, at) === size; at += size) {
      // Of an earlier round: the log is written over from its beginning.
      if (frame.readUInt32BE(8) !== header.readUInt32BE(16) || frame.readUInt32BE(12) !== header.readUInt32BE(20)) break
      sums = checksum(checksum(sums, view, 0, 8, isLittle), view, FRAME, size, isLittle)
      const fits = frame.readUInt32BE(16) === sums[0] && frame.readUInt32BE(20) === sums[1]
      if (fits && broken === 0) continue
      broken++
      if (frame.readUInt32BE(4) !== 0) commitsBehind++
    }
    if (commitsBehind === 0) return null // never committed: SQLite would leave it out undamaged, too
    return { frames: broken, isCertain: broken > 1 }
  } finally {
    closeSync(file)
  }
}

function checksum(
  [a, b]: readonly [number, number],
  bytes: DataView,
  from: number,
  to: number,
  isLittle: boolean,
): readonly [number, number] {
  for (let at = from; at < to; at += 8) {
    a = (a + bytes.getUint32(at, isLittle) + b) >>> 0
    b = (b + bytes.getUint32(at + 4, isLittle) + a) >>> 0
  }
  return [a, b]
}
