import { pino, type Logger } from 'pino'

/** Values that must not stand in a log, wherever they come from. */
export interface Masking {
  add(value: string | null | undefined): void
}
/** Names whose values are left out whole. */
const REDACTED = [
  'authorization',
  'cookie',
  'token',
  'password',
  'secret',
  'key',
  'headers.authorization',
  'headers.cookie',
  '*.authorization',
  '*.token',
  '*.password',
  '*.secret',
]

/**
 * Logs as JSON lines on standard error: standard output is for people. Known secrets are masked by value at the very end,
 * so that a stack trace or somebody else's error message cannot carry one out.
 */
export function createLog(
  level: string,
  write: (line: string) => void = (line) => void process.stderr.write(line),
): { log: Logger; masking: Masking } {
  const values = new Set<string>()
  const mask = (line: string): string => {
    let masked = line
    for (const value of values) if (masked.includes(value)) masked = masked.replaceAll(value, '••••••')
    return masked
  }
  const log = pino(
    { level, redact: { paths: REDACTED, censor: '••••••' }, base: null },
    { write: (line: string) => write(mask(line)) },
  )
  return {
    log,
    masking: {
      add(value) {
        if (!value || value.length < 6) return
        values.add(value)
        const quoted = JSON.stringify(value).slice(1, -1) // as it stands inside a JSON line
        if (quoted !== value) values.add(quoted)
      },
    },
  }
}
