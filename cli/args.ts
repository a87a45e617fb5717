import { parseArgs, type ParseArgsConfig } from 'node:util'

/** What was typed is not a command. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export type Flags = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>
export interface Parsed {
  readonly words: readonly string[]
  readonly flags: Flags
}
/** Flags of one command: `value` takes a word, `switch` none. */
export type FlagSpec = Readonly<Record<string, 'value' | 'switch' | 'values'>>

const EVERYWHERE: FlagSpec = { json: 'switch', url: 'value', token: 'value', project: 'value', help: 'switch' }
const SHORT: Readonly<Record<string, string>> = { file: 'f', watch: 'w', help: 'h', out: 'o' }

/** @throws UsageError naming the flag that is not known. */
export function parse(argv: readonly string[], spec: FlagSpec): Parsed {
  const options: NonNullable<ParseArgsConfig['options']> = {}
  for (const [name, kind] of Object.entries({ ...EVERYWHERE, ...spec })) {
    const short = SHORT[name]
    options[name] = {
      type: kind === 'switch' ? 'boolean' : 'string',
      multiple: kind === 'values',
      ...(short && { short }),
    }
  }
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
    return { words: positionals, flags: values }
  } catch (error) {
    throw new UsageError(error instanceof Error ? (error.message.split('.')[0] ?? '') : String(error))
  }
}

export const text = (flags: Flags, name: string): string | undefined => {
  const value = flags[name]
  return typeof value === 'string' ? value : undefined
}
export const isOn = (flags: Flags, name: string): boolean => flags[name] === true

/** The word at `index`. @throws UsageError saying what is missing. */
export function word(parsed: Parsed, index: number, what: string): string {
  const found = parsed.words[index]
  if (found === undefined) throw new UsageError(`${what} is missing`)
  return found
}

/** `key=value` words. @throws UsageError on a word without `=`. */
export function pairs(words: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (const item of words) {
    const at = item.indexOf('=')
    if (at < 1) throw new UsageError(`expected key=value, but got “${item}”`)
    found[item.slice(0, at)] = item.slice(at + 1)
  }
  return found
}
