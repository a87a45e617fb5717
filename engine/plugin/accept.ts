import { pluginInfo } from './catalogue.ts'
import { CONTRACT, nameProblem, z, type Plugin } from './index.ts'

const BODIES = ['poll', 'callback', 'cancel', 'resume', 'rehearse', 'options', 'settled', 'dispose', 'repeat'] as const
/** What may be left out, and so would not be missed when it is misspelt. */
const OPTIONAL = [...BODIES, 'outputs', 'saves', 'icon', 'contract'] as const

/** What `use` means to the engine itself: a plugin of that name would never be asked. */
const TAKEN = new Set(['approval', 'form', 'confirm', 'wait', 'flow'])

/** Why something that was loaded cannot be used as a plugin, for the person who wrote or installed it; null: it can. */
export function pluginProblem(given: unknown): string | null {
  if (typeof given !== 'object' || given === null)
    return `expected a plugin made by definePlugin, but got ${typeof given}`
  if (Array.isArray(given)) return 'expected one plugin, but got a list: take one of its versions'
  const plugin = given as { readonly [key: string]: unknown } // read-only looks at a foreign object
  const named = nameProblem(plugin)
  if (named !== null) return named
  if (TAKEN.has(plugin['code'] as string)) return `${String(plugin['code'])} is Baton’s own: choose another code`
  const misspelt = misspeltIn(plugin)
  if (misspelt !== null) return `it has “${misspelt.key}”, which Baton does not know: did you mean ${misspelt.meant}?`
  const contract = plugin['contract'] ?? 1
  if (typeof contract !== 'number') return `expected contract to be a number, but got ${JSON.stringify(contract)}`
  if (contract > CONTRACT)
    return `it needs version ${contract} of the plugin contract, and this Baton has ${CONTRACT}: update Baton`
  if (typeof plugin['title'] !== 'string' || plugin['title'] === '') return 'expected a title'
  if (typeof plugin['execute'] !== 'function') return 'expected a function execute'
  const odd = BODIES.find((name) => plugin[name] !== undefined && typeof plugin[name] !== 'function')
  if (odd !== undefined) return `expected ${odd} to be a function`
  if (!isSchema(plugin['inputs'])) return 'expected inputs to be a zod 4 schema: take z from "baton/plugin"'
  if (plugin['outputs'] !== undefined && !isSchema(plugin['outputs']))
    return 'expected outputs to be a zod 4 schema: take z from "baton/plugin"'
  try {
    // What forms and the publish check will ask of it, asked once while somebody is there to read the answer.
    pluginInfo(given as Plugin)
    z.toJSONSchema(plugin['inputs'], { unrepresentable: 'any', io: 'input' })
    if (plugin['outputs'] !== undefined) z.toJSONSchema(plugin['outputs'], { unrepresentable: 'any' })
  } catch (error) {
    return `its schema cannot be read: ${error instanceof Error ? error.message : String(error)}`
  }
  return null
}
/** One slip away from something that is not there: a `resum` would be a plugin that survives no crash. Other keys are the author's own. */
function misspeltIn(plugin: { readonly [key: string]: unknown }): { key: string; meant: string } | null {
  const absent = OPTIONAL.filter((name) => plugin[name] === undefined)
  const known: readonly string[] = [...OPTIONAL, 'code', 'version', 'title', 'inputs', 'execute']
  for (const key of Object.keys(plugin)) {
    const meant = known.includes(key) ? undefined : absent.find((name) => isOneSlip(key, name))
    if (meant !== undefined) return { key, meant }
  }
  return null
}
/** A letter too few, too many or another one, or two swapped. */
function isOneSlip(word: string, meant: string): boolean {
  let [from, a, b] = [0, word.length, meant.length]
  while (from < a && from < b && word[from] === meant[from]) from++
  while (a > from && b > from && word[a - 1] === meant[b - 1]) [a, b] = [a - 1, b - 1]
  const [given, wanted] = [word.slice(from, a), meant.slice(from, b)]
  if (given.length <= 1 && wanted.length <= 1) return true
  return given.length === 2 && wanted.length === 2 && given === [...wanted].reverse().join('')
}
/** By what zod 4 puts on every schema, not by class: an author's own copy of zod is as good. */
const isSchema = (value: unknown): value is z.ZodType =>
  typeof value === 'object' && value !== null && '_zod' in value && 'safeParse' in value
