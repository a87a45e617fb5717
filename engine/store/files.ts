import { createHash } from 'node:crypto'
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
  /** Removes the files that are over, and says how many. */
  sweep(isOver: (facts: FileFacts) => boolean | Promise<boolean>): Promise<number>
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
