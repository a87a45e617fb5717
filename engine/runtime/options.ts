import { canonical } from '../core/asks/digest.ts'
import { EngineError, type FieldError } from '../core/error.ts'
import type { Flow, Option, OptionSource, Variable } from '../core/flow.ts'
import {
  notOffered,
  optionsFromList,
  planOptions,
  readOptions,
  searchOptions,
  type OptionRequest,
} from '../core/options.ts'
import { resolveSecrets, secretsIn } from '../core/template.ts'
import type { Value, Values } from '../core/value.ts'
import { isEmpty } from '../core/variables/check.ts'
import { quoted } from '../core/variables/words.ts'
import type { Json } from '../plugin/index.ts'
import type { EngineOptions, OptionsPage, OptionsRequest } from './engine.ts'
import { guardedFetch, guardOf } from './guarded-fetch.ts'
import { createMasker, type Masker } from './mask.ts'
import type { PluginRegistry } from './plugin-registry.ts'

export interface OptionServices {
  readonly plugins: PluginRegistry
  readonly allowAddresses: readonly string[]
  readonly fetch?: typeof fetch | undefined
  readonly now: () => number
  readonly log: { warn(o: object, m?: string): void }
  readonly constants: (project: string) => Values
  readonly openSecret: EngineOptions['openSecret']
  readonly evaluate: (expression: string, names: { readonly [name: string]: Json }) => Json
}

/** People wait for a form this long, and no longer. */
const PATIENCE_MS = 2_000
/** The answer may still come for the next one who asks. */
const LONGEST_S = 15
const MAX_BYTES = 5 * 1024 * 1024
const KEPT = 500
/** After a failure the source is left alone for a moment: a form asks at each keystroke. */
const REST_MS = 5_000

interface Known {
  readonly options: readonly Option[]
  readonly at: number
}

/** Asks for options that come from elsewhere, and remembers what it was told. */
export class OptionSources {
  readonly #services: OptionServices
  /** By what was asked; the one asked least recently goes first. */
  readonly #known = new Map<string, Known>()
  readonly #asking = new Map<string, Promise<Known>>()
  readonly #failed = new Map<string, { readonly at: number; readonly error: unknown }>()
  constructor(services: OptionServices) {
    this.#services = services
  }

  async page({ flow, field, answers, search }: OptionsRequest): Promise<OptionsPage> {
    const variable = flow.variables.find(({ key }) => key === field)
    const source = variable?.optionsFrom
    if (variable === undefined || source === undefined)
      throw new EngineError('NOT_FOUND', { message: `${field} takes no options from elsewhere` })
    const plan = planned(variable, source, answers, this.#services.constants(flow.project), search)
    if (plan.kind === 'waits') return { options: [], asOf: null, stale: false, waitsFor: plan.parents }
    // A source that cannot search gives all it has, and is asked once for every text.
    const isSearched = source.http === null || source.http.search !== null
    const { known, stale } = await this.#ask(flow, variable, source, plan.request)
    const options = isSearched ? known.options : searchOptions(known.options, search)
    return { options, asOf: known.at, stale, waitsFor: [] }
  }

  async refused(flow: Flow, values: Values, keys?: readonly string[]): Promise<readonly FieldError[]> {
    const asked = flow.variables.filter(
      ({ key, optionsFrom }) =>
        optionsFrom !== undefined && !isEmpty(values[key]) && (keys === undefined || keys.includes(key)),
    )
    const found = await Promise.all(asked.map((variable) => this.#refusal(flow, variable, values)))
    return found.filter((error) => error !== null)
  }

  async #refusal(flow: Flow, variable: Variable, values: Values): Promise<FieldError | null> {
    const value = values[variable.key] ?? null
    const field = variable.key
    let left: readonly Value[] = Array.isArray(value) ? (value as readonly Value[]) : [value]
    try {
      // One that searches is asked for each entry by its own text; others have everything in one list.
      const searches = variable.optionsFrom?.http?.search == null ? [''] : ['', ...left.map(String)]
      for (const search of searches) {
        if (left.length === 0) break
        const { options, waitsFor } = await this.page({ flow, field, answers: values, search })
        if (waitsFor.length > 0)
          return { field, code: 'option', message: `${variable.title} can be chosen once ${waitsFor.join(', ')} is` }
        left = notOffered(left, options)
      }
    } catch (error) {
      return { field, code: 'options_unavailable', message: messageOf(error) }
    }
    const [first] = left
    return first === undefined
      ? null
      : { field, code: 'option', message: `${quoted(first)} is not offered for ${variable.title} any more` }
  }

  async #ask(
    flow: Flow,
    variable: Variable,
    source: OptionSource,
    request: OptionRequest,
  ): Promise<{ known: Known; stale: boolean }> {
    const key = canonical([flow.project, flow.digest, variable.key, request as unknown as Value])
    const before = this.#known.get(key)
    const now = this.#services.now()
    if (before !== undefined && now - before.at < source.cacheMs)
      return { known: this.#keep(key, before), stale: false }
    const failed = this.#failed.get(key)
    const rests = failed !== undefined && now - failed.at < REST_MS
    const asking = rests ? Promise.reject(failed.error as Error) : this.#asked(key, flow, source, request)
    try {
      return { known: await within(PATIENCE_MS, asking), stale: false }
    } catch (error) {
      if (before !== undefined) return { known: this.#keep(key, before), stale: true }
      throw new EngineError('UNAVAILABLE', {
        message: `The choices for ${variable.title} did not come: ${messageOf(error)}`,
      })
    }
  }

  /** One question at a time for the same thing, whoever asks. */
  #asked(key: string, flow: Flow, source: OptionSource, request: OptionRequest): Promise<Known> {
    const under = this.#asking.get(key)
    if (under !== undefined) return under
    const asking = this.#fetch(flow, source, request)
      .then((options) => {
        this.#failed.delete(key)
        return this.#keep(key, { options, at: this.#services.now() })
      })
      .catch((error: unknown) => {
        this.#failed.set(key, { at: this.#services.now(), error })
        if (this.#failed.size > KEPT) this.#failed.delete(this.#failed.keys().next().value ?? '')
        throw error
      })
      .finally(() => this.#asking.delete(key))
    asking.catch(() => undefined) // whoever stopped waiting is told nothing more
    this.#asking.set(key, asking)
    return asking
  }

  /** Whatever comes back is shown to everybody who opens the form: a secret that was sent is in none of it, errors included. */
  async #fetch(flow: Flow, source: OptionSource, request: OptionRequest): Promise<readonly Option[]> {
    const masker = createMasker()
    const open = async (value: Value): Promise<Value> => this.#open(flow, value, masker)
    try {
      return masker.value(await this.#options(source, request, open))
    } catch (error) {
      // eslint-disable-next-line preserve-caught-error -- the cause would bring along what was masked
      throw new Error(masker.text(messageOf(error)))
    }
  }
  async #options(
    source: OptionSource,
    request: OptionRequest,
    open: (value: Value) => Promise<Value>,
  ): Promise<readonly Option[]> {
    const signal = AbortSignal.timeout(LONGEST_S * 1_000)
    const call = guardedFetch(signal, guardOf(this.#services))
    if (request.kind === 'plugin') {
      const info = this.#services.plugins.find(request.use)
      const plugin = info && this.#services.plugins.exact(`${info.code}@${info.version}`)?.plugin
      if (!plugin?.options) throw new Error(`there is no plugin ${request.use} that offers options`)
      const opened: { [name: string]: Value } = { ...request.inputs }
      for (const name of info?.secret ?? []) if (opened[name] !== undefined) opened[name] = await open(opened[name])
      const { now, evaluate } = this.#services
      return optionsFromList(
        (await plugin.options({ fetch: call, signal, now, evaluate }, opened, request.search)) as Value,
      )
    }
    if (source.http === null) return []
    const headers = (await open(request.headers)) as { [name: string]: string }
    const response = await call(request.url, { headers, timeoutS: LONGEST_S, maxBytes: MAX_BYTES })
    if (!response.ok) throw new Error(`it answered ${response.status}`)
    return readOptions(source.http, (await response.json()) as Value)
  }

  async #open(flow: Flow, value: Value, masker: Masker): Promise<Value> {
    const texts = new Map<string, string>()
    for (const ref of secretsIn(value))
      texts.set(ref, await this.#services.openSecret(flow.project, ref, { flow: flow.name }))
    masker.add([...texts.values()])
    return resolveSecrets(value, (ref) => texts.get(ref) ?? '')
  }

  #keep(key: string, known: Known): Known {
    this.#known.delete(key)
    this.#known.set(key, known)
    if (this.#known.size > KEPT) this.#known.delete(this.#known.keys().next().value ?? '')
    return known
  }
}

function planned(variable: Variable, source: OptionSource, answers: Values, constants: Values, search: string) {
  try {
    return planOptions(source, answers, constants, search)
  } catch (error) {
    throw new EngineError('UNAVAILABLE', {
      message: `The choices for ${variable.title} cannot be asked for: ${messageOf(error)}`,
    })
  }
}
function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it took longer than 2 seconds')), ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
/** Without the address: it may hold what somebody typed, and a browser shows this to others. */
const messageOf = (error: unknown): string =>
  error instanceof Error
    ? error.cause instanceof Error && error.message === 'fetch failed'
      ? 'the service cannot be reached'
      : error.message
    : String(error)
