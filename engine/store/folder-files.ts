import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync } from 'node:fs'
import { open, readdir, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileRef } from '../plugin/index.ts'
import { FileError, MAX_FILE_BYTES, plainName, type FileFacts, type FileStore } from './files.ts'

/** Files in a folder of their own, two levels deep. Whoever may read the folder may read them: it belongs to Baton's user alone. */
export function folderFiles(folder: string): FileStore {
  const placeOf = (id: string): string => join(folder, id.slice(2, 4), id)
  const factsOf = async (id: string): Promise<FileFacts | null> => {
    if (!/^f_[A-Za-z0-9_-]{22}$/.test(id)) return null // it becomes a path
    try {
      return JSON.parse(await readFile(`${placeOf(id)}.json`, 'utf8')) as FileFacts // written by `keep` alone
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  }
  return {
    async keep({ maxBytes = MAX_FILE_BYTES, ...given }, content) {
      const id = `f_${randomBytes(16).toString('base64url')}`
      const place = placeOf(id)
      mkdirSync(join(folder, id.slice(2, 4)), { recursive: true, mode: 0o700 })
      const file = await open(`${place}.part`, 'wx', 0o600)
      try {
        const { bytes, sha256 } = await write(file, content, Math.min(maxBytes, MAX_FILE_BYTES), given.name)
        await file.sync()
        await file.close()
        const ref: FileRef = { file: id, name: plainName(given.name), bytes, sha256 }
        await rename(`${place}.part`, place)
        // The facts come last: without them there is no such file.
        await writeFile(`${place}.json.part`, JSON.stringify({ ...given, ...ref }), { mode: 0o600, flush: true })
        await rename(`${place}.json.part`, `${place}.json`)
        return ref
      } catch (error) {
        await file.close().catch(() => undefined)
        for (const left of [`${place}.part`, place, `${place}.json.part`]) await rm(left, { force: true })
        throw error
      }
    },
    facts: factsOf,
    async sweep(isOver) {
      let gone = 0
      for (const shelf of existsSync(folder) ? await readdir(folder) : [])
        for (const name of await readdir(join(folder, shelf))) {
          if (!name.endsWith('.json')) continue
          const id = name.slice(0, -'.json'.length)
          const facts = await factsOf(id)
          if (!facts || !(await isOver(facts))) continue
          // The facts go first: a file without them is not there.
          await rm(`${placeOf(id)}.json`, { force: true })
          await rm(placeOf(id), { force: true })
          gone += 1
        }
      return gone
    },
    async read(id) {
      const facts = await factsOf(id)
      if (!facts || !existsSync(placeOf(id))) return null
      return { facts, content: createReadStream(placeOf(id)) }
    },
  }
}

async function write(
  file: FileHandle,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  maxBytes: number,
  name: string,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  const pieces = content instanceof Uint8Array ? [content] : content
  for await (const piece of pieces) {
    bytes += piece.byteLength
    if (bytes > maxBytes)
      throw new FileError('FILE_TOO_LARGE', `${plainName(name)} is larger than ${maxBytes.toLocaleString('en')} bytes`)
    hash.update(piece)
    for (let at = 0; at < piece.byteLength;) at += (await file.write(piece, at)).bytesWritten
  }
  return { bytes, sha256: hash.digest('hex') }
}
