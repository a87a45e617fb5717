import { resolveSecrets, secretsIn } from '../core/template.ts'
import type { Value, Values } from '../core/value.ts'
import type { PluginInfo } from '../core/env.ts'
import type { Plugin } from '../plugin/index.ts'

/** Opens one secret: `namespace.key`, or `task:<variable>`. */
export type OpenSecret = (ref: string) => string | Promise<string>

export interface Opened {
  readonly values: Values
  /** Plain texts that went in: to be masked wherever they come out. */
  readonly secrets: readonly string[]
}
const NONE: readonly string[] = []

/**
 * Puts secrets into inputs just before a body runs. Only inputs that the plugin marks secret are looked at:
 * in others, what looks like a reference is somebody's data.
 */
export function openInputs(inputs: Values, info: PluginInfo, open: OpenSecret): Opened | Promise<Opened> {
  const refs = info.secret.flatMap((name) => (inputs[name] === undefined ? [] : secretsIn(inputs[name])))
  const marked = info.secret.some((name) => typeof inputs[name] === 'object')
  if (refs.length === 0 && !marked) return { values: inputs, secrets: typedSecrets(inputs, info) }
  return openAll(inputs, info, [...new Set(refs)], open)
}

async function openAll(inputs: Values, info: PluginInfo, refs: readonly string[], open: OpenSecret): Promise<Opened> {
  const texts = new Map<string, string>()
  for (const ref of refs) texts.set(ref, await open(ref))
  const lookup = (ref: string): string => texts.get(ref)!
  const values: { [name: string]: Value } = { ...inputs }
  for (const name of info.secret) if (values[name] !== undefined) values[name] = resolveSecrets(values[name], lookup)
  return { values, secrets: [...texts.values(), ...typedSecrets(values, info)] }
}

/** What stands in a secret input is secret, also when it came from somewhere else than the vault. */
function typedSecrets(values: Values, info: PluginInfo): readonly string[] {
  return info.secret.length === 0 ? NONE : info.secret.flatMap((name) => textsIn(values[name]))
}
function textsIn(value: Value | undefined): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return NONE
  return Object.values(value as Values).flatMap(textsIn)
}

/** Checks inputs against the plugin's schema, defaults filled in. The message names the input, for people. */
export function parseInputs(
  plugin: Plugin,
  values: Values,
): { readonly ok: true; readonly inputs: unknown } | { readonly ok: false; readonly message: string } {
  const parsed = plugin.inputs.safeParse(values)
  if (parsed.success) return { ok: true, inputs: parsed.data }
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  )
  return { ok: false, message: problems.slice(0, 3).join('; ') }
}
