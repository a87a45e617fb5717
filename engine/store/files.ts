import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync } from 'node:fs'
import { open, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileRef } from '../plugin/index.ts'

/** What one file may hold at most. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024

/** What is known of a kept file. */
export interface FileFacts extends FileRef {
  readonly project: string
  /** The task whose step made it, or null: a person uploaded it. */
  readonly task: string | null
  /** Who brought it: a person's id, or null for a step. */
  readonly person: string | null
  readonly at: number
}
export interface NewFile {
  readonly name: string
  readonly project: string
  readonly task: string | null
  readonly person: string | null
  readonly at: number
  readonly maxBytes?: number
}
/** Where files are kept: a folder on Node. Contents never change; a file is there whole or not at all. */
export interface FileStore {
  /** Resolves once it is on disk. @throws FileError */
  keep(file: NewFile, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<FileRef>
  facts(id: string): Promise<FileFacts | null>
  /** Its bytes as they come; null when there is no such file. */
  read(id: string): Promise<{ readonly facts: FileFacts; readonly content: AsyncIterable<Uint8Array> } | null>
}
/** Becomes a node failure or a refusal: `message` is read by people. */
export class FileError extends Error {
  override readonly name = 'FileError'
  readonly code: 'FILE_TOO_LARGE' | 'FILE_UNKNOWN' | 'FILE_BROKEN' | 'FILES_OFF'
  constructor(code: FileError['code'], message: string) {
    super(message)
    this.code = code
  }
}

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
/** The whole content, checked. @throws FileError when it is gone or not what it was. */
export async function contentOf(
  store: FileStore,
  ref: Pick<FileRef, 'file' | 'name'>,
  project: string,
): Promise<Uint8Array> {
  const found = await store.read(ref.file)
  // A file of another project is as unknown as one that never was.
  if (found?.facts.project !== project)
    throw new FileError('FILE_UNKNOWN', `The file ${plainName(ref.name)} is not here`)
  const pieces: Uint8Array[] = []
  for await (const piece of found.content) pieces.push(piece)
  const content = Buffer.concat(pieces)
  if (createHash('sha256').update(content).digest('hex') !== found.facts.sha256)
    throw new FileError('FILE_BROKEN', `The file ${plainName(ref.name)} is not what it was when it was kept`)
  return content
}
/** The last part of whatever path came along, without control characters. */
export const plainName = (name: string): string =>
  // eslint-disable-next-line no-control-regex -- that is what is taken out
  (name.split(/[/\\]/).at(-1) ?? '').replace(/[\u0000-\u001f\u007f]/g, '').slice(0, 255) || 'file'
