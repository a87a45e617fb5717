/** Why a host could not be used. Becomes a node failure: `message` is read by people on a phone. */
export type HostErrorCode =
  | 'HOST_UNREACHABLE' // no connection: refused, no route, timed out, name unknown
  | 'HOST_LOST' // a connection that stood has ended, or fell silent
  | 'HOST_UNKNOWN' // no Host document of that name
  | 'HOST_LOGIN_REFUSED'
  | 'HOST_KEY_UNCONFIRMED'
  | 'HOST_KEY_CHANGED'
  | 'HOST_KEY_UNUSABLE' // our private key cannot be read
  | 'HOST_NO_SHELL' // logged in, but the account gives no POSIX shell
  | 'HOST_NO_SPACE' // nothing can be staged there: disk full, home not writable
  | 'HOST_UNSUITED' // it cannot keep a script running after the connection ends

/** A trouble with a host. `passing` ones go away by themselves: whoever follows a script there tries again. */
export class HostError extends Error {
  override readonly name = 'HostError'
  readonly code: HostErrorCode
  readonly passing: boolean
  constructor(code: HostErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.passing = code === 'HOST_UNREACHABLE' || code === 'HOST_LOST' || code === 'HOST_LOGIN_REFUSED'
  }
}

// eslint-disable-next-line no-control-regex -- terminal colours in what a script prints
const ESCAPES = /\u001b\[[0-9;?]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f]/g
const LONGEST_LINE = 200

/** The last line of a script's stderr that says something, fit for a sentence; the staged script's own path is left out. */
export function lastWords(stderr: string): string | null {
  const lines = stderr
    .split(/\r?\n|\r/)
    .map((line) => line.replace(ESCAPES, '').trim())
    .filter((line) => line !== '')
  const last = lines.at(-1)?.replace(/^\S*\/\.baton\/runs\/\S*\/script: (?:line )?(\d+): /, 'line $1: ')
  if (last === undefined) return null
  return last.length > LONGEST_LINE ? `${last.slice(0, LONGEST_LINE - 1)}…` : last
}

/** "web-2: Disk full on /srv (exit code 3)". */
export function exitMessage(host: string, exitCode: number, stderr: string): string {
  const words = lastWords(stderr)
  return words === null
    ? `${host}: the script ended with exit code ${exitCode}`
    : `${host}: ${words} (exit code ${exitCode})`
}
