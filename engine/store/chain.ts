import { hash } from 'node:crypto'
import type { Head } from './task-store.ts'

/** An entry as its bytes lie in the journal. */
export interface StoredEntry {
  readonly task: string
  readonly seq: number
  readonly at: number
  readonly actor: string
  readonly events: string
}

/** The hash of an entry: over the one before and every stored byte. JSON holds no bare newline, so the parts cannot run into each other. */
export const hashOf = (before: Head['hash'], entry: StoredEntry): string =>
  hash('sha256', `${before}\n${entry.task}\n${entry.seq}\n${entry.at}\n${entry.actor}\n${entry.events}`, 'hex')
