import { createHash } from 'node:crypto'
import { sameText, sign, type Keys } from '../store/seal.ts'
import type { Address } from '../store/task-store.ts'

/** The token of a callback address: names task, node, attempt, and is signed. The same attempt always gets the same one. */
export function callbackToken(keys: Keys, { task, node, attempt, item }: Address): string {
  const name = Buffer.from(
    JSON.stringify(item === null ? [task, node, attempt] : [task, node, attempt, item]),
  ).toString('base64url')
  return `${name}.${sign(keys.token, name)}`
}
/** Whether this engine signed it. Says nothing on whether the attempt is still there. */
export function isOurs(keys: Keys, token: string): boolean {
  const [name, signature, ...more] = token.split('.')
  return (
    name !== undefined && signature !== undefined && more.length === 0 && sameText(signature, sign(keys.token, name))
  )
}
/** The task a token of ours names. */
export const taskOfToken = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as [string])[0] // signed by `callbackToken`
/** What is stored: whoever reads the file cannot call back. */
export const hashOfToken = (token: string): string => createHash('sha256').update(token).digest('base64url')
