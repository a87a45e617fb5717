import type { PluginCatalogue } from './env.ts'
import { END, followers, graphOf } from './document/graph.ts'
import { builtinOf, type FailureSpec, type FlowSpec, type NodeSpec, type VariableSpec } from './document/flow.ts'
import type { FlowDocument } from './document/kinds.ts'
import { createLanguage, type Language } from './expression/expression.ts'
import type { Allow, Cause, FailurePolicy, Flow, FlowNode, OptionSource, Template, Variable } from './flow.ts'
import { compileTemplate, type CompiledTemplate, type TemplateMode } from './template.ts'
import { titlesIn } from './title.ts'
import type { Value } from './value.ts'
import { verified } from './verify/verify.ts'

/** A compiled flow with what the publish check and forms need besides. */
export interface CompiledFlow extends Flow {
  readonly language: Language
  readonly document: FlowDocument
}

const DEFAULT_ALLOW: Allow = {
  retry: ['starter', 'operator'],
  skip: ['operator'],
  byhand: ['operator'],
  fail: ['operator'],
}
const RETRIED: readonly Cause[] = ['error', 'timeout']
const MAX_VISITS = 100

/**
 * Compiles a decoded flow: names resolved, `next` filled in, every `${…}` parsed once. Pure and quick; a draft with mistakes compiles too,
 * and what is wrong with it shows when it is evaluated (`check` says it before).
 */
export function compileFlow(
  document: FlowDocument,
  plugins: PluginCatalogue,
  version: number,
  digest: string,
): CompiledFlow {
  const { spec, metadata } = document
  const declared = (spec.variables ?? []).map(variableOf)
  const language = createLanguage(declared)
  const template = (source: Value, mode?: TemplateMode): CompiledTemplate => compileTemplate(source, language, mode)
  const variables = declared.map((variable, index): Variable => {
    const { showIf, computed, optionsFrom } = (spec.variables ?? [])[index] ?? {}
    return {
      ...variable,
      ...(optionsFrom && { optionsFrom: optionSourceOf(optionsFrom, declared, plugins, template) }),
      ...(showIf !== undefined && { showIf: template(showIf) }),
      ...(computed !== undefined && { computed: template(computed) }),
    }
  })
  const nodes = compileNodes(spec, plugins, template)
  const byId = new Map(nodes.map((node) => [node.id, node]))
  return {
    name: metadata.name,
    project: metadata.project,
    version,
    digest,
    title: metadata.title,
    labels: metadata.labels,
    variables,
    nodes,
    node: (id) => byId.get(id),
    start: spec.start ?? nodes.find((node) => !node.inFinally)?.id ?? END,
    finally: spec.finally ?? [],
    outputs: templates(spec.outputs ?? {}, () => 'plain', template),
    concurrency: spec.concurrency
      ? {
          key: template(spec.concurrency.key),
          limit: spec.concurrency.limit ?? 1,
          whenBusy: spec.concurrency.whenBusy ?? 'queue',
        }
      : null,
    notify: { attention: spec.notify?.attention ?? ['starter'], finished: spec.notify?.finished ?? [] },
    attention: {
      remindEveryMs: spec.attention?.remindEvery ?? null,
      escalateTo: spec.attention?.escalateTo ?? [],
      afterMs: spec.attention?.after ?? null,
      giveUpMs: spec.attention?.giveUp ?? null,
    },
    expectMs: spec.expect ?? null,
    titleOf: titlesIn(language),
    language,
    document,
  }
}

/** A variable without its templates, which need the language that is made of all variables. */
export function variableOf(spec: VariableSpec & { readonly key: string }): Variable {
  const { showIf, computed, optionsFrom: _, ...rest } = spec
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as Partial<Variable>
  return {
    ...given,
    ...(showIf !== undefined && { showIf: ALWAYS }), // replaced once the language knows every name
    ...(computed !== undefined && { computed: ALWAYS }),
    key: spec.key,
    type: spec.type,
    title: spec.title ?? titleOfKey(spec.key),
    required: spec.required ?? false,
    show: spec.show ?? true,
    readOnly: spec.readOnly ?? false,
    secret: spec.secret === true || spec.type === 'password',
    onCard: spec.onCard ?? false,
  }
}
const FRESH_MS = 60_000
/** What a source reads has to be answered before it is asked, whether its author said so or not. */
function optionSourceOf(
  spec: NonNullable<VariableSpec['optionsFrom']>,
  declared: readonly Variable[],
  plugins: PluginCatalogue,
  template: Compile,
): OptionSource {
  const { http, plugin, dependsOn, cache } = spec
  const inputs = templates(spec.with ?? {}, inputModes(plugin ?? '', plugins), template)
  const url = template(http?.url ?? '', 'encoded')
  const headers = template(http?.headers ?? {}, 'secret')
  const reads = new Set([...url.reads, ...headers.reads, ...Object.values(inputs).flatMap((input) => input.reads)])
  const parents = declared.map(({ key }) => key).filter((key) => reads.has(key))
  const over = (text: string | undefined): Template | null =>
    text === undefined ? null : template(text.includes('${') ? text : `\${${text}}`)
  return {
    http: http
      ? {
          url,
          headers,
          items: over(http.items),
          value: over(http.value),
          label: over(http.label),
          search: http.search ?? null,
        }
      : null,
    plugin: plugin === undefined ? null : { use: plugin, with: inputs },
    dependsOn: [...new Set([...(dependsOn ?? []), ...parents])],
    cacheMs: cache ?? FRESH_MS,
  }
}
/** `health_check` → “Health check”: what people read when the author gave no title. */
export function titleOfKey(key: string): string {
  const words = key
    .replaceAll('_', ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .trim()
    .toLowerCase()
  return words === '' ? key : words.charAt(0).toUpperCase() + words.slice(1)
}
const ALWAYS: Template = { source: true, reads: [], evaluate: () => true }

type Compile = (source: Value, mode?: TemplateMode) => CompiledTemplate

function templates(
  values: { readonly [key: string]: Value },
  mode: (input: string) => TemplateMode,
  template: Compile,
): { readonly [key: string]: CompiledTemplate } {
  return Object.fromEntries(Object.entries(values).map(([input, value]) => [input, template(value, mode(input))]))
}

/** How the inputs of a node take `${…}`: as the plugin marks them. An unknown plugin's are plain. */
function inputModes(use: string, plugins: PluginCatalogue): (input: string) => TemplateMode {
  // What a child takes as a secret is known where it is launched; there it is refused by any other variable.
  if (builtinOf(use) === 'flow') return (input) => (input === 'variables' ? 'secret' : 'plain')
  const plugin = builtinOf(use) === null ? plugins.find(use) : undefined
  return (input) =>
    plugin?.literal.includes(input)
      ? 'literal'
      : plugin?.secret.includes(input)
        ? 'secret'
        : plugin?.encoded.includes(input)
          ? 'encoded'
          : 'plain'
}

function compileNodes(spec: FlowSpec, plugins: PluginCatalogue, template: Compile): readonly FlowNode[] {
  const follower = followers(spec)
  const { closesAt } = verified(spec, () => graphOf(spec)).blocks
  const last = new Set(spec.finally ?? [])
  return spec.nodes.map((node) =>
    compileNode(node, { plugins, template, follower, closesAt, inFinally: last.has(node.id) }),
  )
}

interface NodeContext {
  readonly plugins: PluginCatalogue
  readonly template: Compile
  readonly follower: (id: string) => string
  readonly closesAt: ReadonlyMap<string, string>
  readonly inFinally: boolean
}

function compileNode(spec: NodeSpec, context: NodeContext): FlowNode {
  const { template, follower, closesAt, inFinally } = context
  const base = {
    id: spec.id,
    title: spec.title ?? titleOfKey(spec.id),
    stage: spec.stage ?? null,
    maxVisits: spec.maxVisits ?? MAX_VISITS,
    inFinally,
  }
  if (spec.kind === 'choice' || spec.kind === 'parallel' || spec.kind === 'converge') {
    const gateway = {
      ...base,
      kind: 'gateway',
      optional: false,
      when: null,
      onFail: policy(undefined, template),
      allow: DEFAULT_ALLOW,
      save: {},
      mode: 'first',
      branches: [],
      closesAt: closesAt.get(spec.id) ?? null,
      next: null,
    } as const
    switch (spec.kind) {
      case 'choice':
        return {
          ...gateway,
          gateway: spec.gateway,
          mode: spec.mode ?? 'first',
          branches: spec.branches.map((branch) => ({
            when: branch.when === null ? null : template(branch.when),
            next: branch.next ?? follower(spec.id),
            title: branch.title,
          })),
        }
      case 'parallel':
        return {
          ...gateway,
          gateway: 'parallel',
          branches: spec.next.map((next) => ({ when: null, next, title: null })),
        }
      case 'converge':
        return { ...gateway, gateway: 'converge', next: spec.next ?? follower(spec.id) }
    }
  }
  const work = {
    ...base,
    optional: spec.optional ?? false,
    when: spec.when === undefined ? null : template(spec.when),
    onFail: policy(spec.onFail, template),
    allow: { ...DEFAULT_ALLOW, ...spec.allow },
    save: spec.save ?? {},
    with: templates(spec.with ?? {}, inputModes(spec.use, context.plugins), template),
    next: spec.next ?? follower(spec.id),
  }
  switch (spec.kind) {
    case 'ask':
      return {
        ...work,
        kind: 'ask',
        ask: builtinOf(spec.use) as 'approval' | 'form' | 'confirm',
        bind: spec.bind ?? null,
      } // decoded as an ask because of it
    case 'wait':
      return { ...work, kind: 'wait' }
    case 'subflow':
      return { ...work, kind: 'subflow' }
    case 'activity': {
      const each = spec.each
        ? {
            in: template(spec.each.in),
            as: spec.each.as,
            atOnce: spec.each.atOnce ?? 5,
            stopAfter: spec.each.stopAfter ?? 0,
          }
        : null
      return { ...work, kind: 'activity', use: spec.use, each }
    }
  }
}

function policy(spec: FailureSpec | undefined, template: Compile): FailurePolicy {
  const retry = spec?.retry
  return {
    retry: retry
      ? {
          times: retry.times ?? 1,
          delayMs: retry.delay ?? 10_000,
          backoff: retry.backoff ?? 'none',
          maxDelayMs: retry.maxDelay ?? 600_000,
          on: retry.on ?? RETRIED,
          ...(retry.when !== undefined && { when: template(retry.when) }),
        }
      : null,
    timeoutMs: spec?.timeout ?? null,
    then: spec?.then ?? 'ask',
    advice: spec?.advice ?? null,
  }
}
