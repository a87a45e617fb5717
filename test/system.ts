import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** What tests use of the machine they run on; null: not there. */
export interface System {
  readonly sshd: string | null
  readonly chromium: string | null
  readonly busybox: string | null
}

/** As `scripts/test-system.ts` found it; looked for here when that has not run. Tests skip, with a line that says so, what they cannot have. */
export function system(): System {
  const found: System = {
    sshd: find('sshd', ['/usr/sbin', '/usr/local/sbin', '/sbin']),
    chromium: find('chromium') ?? find('chromium-browser') ?? find('google-chrome'),
    busybox: find('busybox'),
  }
  try {
    const noted = JSON.parse(
      readFileSync(new URL('../node_modules/.cache/baton-system.json', import.meta.url), 'utf8'),
    ) as Partial<System>
    return {
      sshd: noted.sshd ?? found.sshd,
      chromium: noted.chromium ?? found.chromium,
      busybox: noted.busybox ?? found.busybox,
    }
  } catch {
    return found
  }
}

function find(name: string, more: readonly string[] = []): string | null {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), ...more]) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // not here
    }
  }
  return null
}

/** Says on the test's output what is left out and why. Never silently. */
export function skipLine(missing: string): void {
  process.stderr.write(
    `SKIPPED: ${missing}. \`node scripts/test-system.mjs\` installs what tests need, or says which command does.\n`,
  )
}
