import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import Libsql from 'libsql'

/** Somebody else's engine runs on this file. */
export class LockedError extends Error {
  override readonly name = 'LockedError'
}
export interface EngineLock {
  release(): void
}

/**
 * Makes this process the only engine on `file`, until it releases or dies: an open exclusive transaction on a tiny
 * database beside it, so the kernel frees it at `kill -9`. Other processes may still write to `file` itself
 * (`baton token new` beside a running server): the lock is on running tasks, not on the data.
 * @throws LockedError naming the holder.
 */
export function lockEngine(file: string): EngineLock {
  mkdirSync(dirname(file), { recursive: true })
  const holderFile = `${file}.holder.json`
  const lock = new Libsql(`${file}.lock`, { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (!String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')) throw error
    throw new LockedError(`expected to be the only engine on ${file}, but ${holderOf(holderFile)} runs it already`)
  }
  writeFileSync(holderFile, JSON.stringify({ pid: process.pid, since: new Date().toISOString() }), { mode: 0o600 })
  return {
    release() {
      rmSync(holderFile, { force: true })
      lock.exec('ROLLBACK')
      lock.close()
    },
  }
}

function holderOf(holderFile: string): string {
  try {
    const { pid, since } = JSON.parse(readFileSync(holderFile, 'utf8')) as { pid: number; since: string }
    return `process ${pid} (since ${since})`
  } catch {
    return 'another process' // between taking the lock and writing its name
  }
}
