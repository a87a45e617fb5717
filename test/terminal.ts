/** The `baton` command as people run it: a process of its own against a running server. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { BatonProcess } from './baton.ts'

const MAIN = fileURLToPath(new URL('../cli/main.ts', import.meta.url))

export interface Ran {
  readonly code: number
  readonly out: string
}
export type Terminal = (args: readonly string[], input?: string) => Promise<Ran>

/** Signed in as an owner, or as a person of this name and role, with a token it makes itself. */
export async function terminalOf(baton: BatonProcess, person?: { name: string; role: string }): Promise<Terminal> {
  const run = async (token: string | null, args: readonly string[], input = ''): Promise<Ran> => {
    const env = {
      PATH: process.env['PATH'] ?? '',
      TZ: process.env['TZ'] ?? 'UTC',
      BATON_URL: baton.url,
      BATON_DATA: baton.data,
      ...(token !== null && { BATON_TOKEN: token }),
    }
    const running = promisify(execFile)(process.execPath, [MAIN, ...args], { env })
    running.child.stdin?.end(input)
    return running.then(
      ({ stdout, stderr }) => ({ code: 0, out: stdout + stderr }),
      (error: { code: number; stdout: string; stderr: string }) => ({
        code: error.code,
        out: error.stdout + error.stderr,
      }),
    )
  }
  const whose = person ? ['--person', person.name, '--role', person.role] : ['--owner']
  const token = (await run(null, ['token', 'new', ...whose])).out.trim()
  return (args, input) => run(token, args, input)
}
