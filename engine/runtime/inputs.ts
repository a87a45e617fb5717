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

/**
 * Puts secrets into inputs just before a body runs. Only inputs that the plugin marks secret are looked at:
 * in others, what looks like a reference is somebody's data.
 */
export async function openInputs(inputs: Values, { secret }: PluginInfo, open: OpenSecret): Promise<Opened> {
  const refs = secret.flatMap((name) => (inputs[name] === undefined ? [] : secretsIn(inputs[name])))
  const texts = new Map<string, string>()
  for (const ref of new Set(refs)) texts.set(ref, await open(ref))
  const values: { [name: string]: Value } = { ...inputs }
  for (const name of secret)
    if (values[name] !== undefined) values[name] = resolveSecrets(values[name], (ref) => texts.get(ref)!)
  return { values, secrets: [...texts.values(), ...secret.flatMap((name) => textsIn(values[name]))] }
}

/** What stands in a secret input is secret, also when it came from somewhere else than the vault. */
function textsIn(value: Value | undefined): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
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
