import type { Value, Values } from './value.ts'

export type VariableType =
  | 'text'
  | 'textarea'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'select'
  | 'multiselect'
  | 'radio'
  | 'date'
  | 'time'
  | 'datetime'
  | 'duration'
  | 'password'
  | 'person'
  | 'people'
  | 'host'
  | 'hosts'
  | 'list'
  | 'table'
  | 'json'
  | 'file'

export interface Option {
  readonly value: Value
  readonly title: string
}

/** Where the options of a variable come from, asked whenever its form is drawn (FLOW §1.1). One of `http` and `plugin` is there. */
export interface OptionSource {
  readonly http: {
    /** Values in it are percent-encoded. */
    readonly url: Template
    /** May hold secrets. */
    readonly headers: Template
    /** Expressions: `items` over `answer`, the others over `item` too. Null: what the answer makes plain. */
    readonly items: Template | null
    readonly value: Template | null
    readonly label: Template | null
    /** The query parameter that takes what a person types. Null: the list is searched here. */
    readonly search: string | null
  } | null
  readonly plugin: { readonly use: string; readonly with: { readonly [input: string]: Template } } | null
  /** Variables that have to be answered first: those named by the author, and those the source reads. */
  readonly dependsOn: readonly string[]
  /** For how long an answer counts as fresh. */
  readonly cacheMs: number
}

/** A declared variable (FLOW §1.1). `secret` holds for `password` too. */
export interface Variable {
  readonly key: string
  readonly type: VariableType
  readonly title: string
  readonly help?: string
  readonly required: boolean
  readonly default?: Value
  readonly show: boolean
  readonly readOnly: boolean
  readonly secret: boolean
  readonly onCard: boolean
  readonly pattern?: string
  readonly min?: number
  readonly max?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly step?: number
  readonly rows?: number
  readonly options?: readonly Option[]
  readonly optionsFrom?: OptionSource
  readonly showIf?: Template
  readonly group?: string
  readonly resolve?: 'start' | 'use'
  readonly computed?: Template
}

/**
 * A value of a document with its `${…}` compiled once per version. Opaque to all but `template.ts`.
 * A string that is exactly one `${…}` keeps the value's type; otherwise text.
 */
export interface Template {
  readonly source: Value
  /** Names read from the scope: variables, node ids, reserved words. */
  readonly reads: readonly string[]
  readonly evaluate: (scope: Scope) => Value
}
/** What expressions see. Returns `undefined` for a name that has no value yet: reading it fails the reader. */
export type Scope = (name: string) => Value | undefined

export type Cause =
  | 'error'
  | 'timeout'
  | 'rejected'
  | 'lost'
  | 'output_invalid'
  | 'child_failed'
  | 'child_revoked'
  | 'forced'
  | 'nobody_can_answer'

export interface RetryPolicy {
  readonly times: number
  readonly delayMs: number
  readonly backoff: 'none' | 'linear' | 'exponential'
  readonly maxDelayMs: number
  readonly on: readonly Cause[]
  readonly when?: Template
}
export interface FailurePolicy {
  readonly retry: RetryPolicy | null
  readonly timeoutMs: number | null
  readonly then: 'ask' | 'ignore' | 'fail'
  readonly advice: string | null
}

/** Who may press what on a node: role names (`starter`, `operator`, …); an empty list forbids. */
export interface Allow {
  readonly retry: readonly string[]
  readonly skip: readonly string[]
  readonly byhand: readonly string[]
  readonly fail: readonly string[]
}

interface NodeBase {
  readonly id: string
  readonly title: string
  readonly stage: string | null
  readonly optional: boolean
  readonly when: Template | null
  readonly maxVisits: number
  readonly onFail: FailurePolicy
  readonly allow: Allow
  readonly save: { readonly [output: string]: string } // variable -> output name
  readonly inFinally: boolean
}
/** `next` is a node id or `end`. */
export interface ActivityNode extends NodeBase {
  readonly kind: 'activity'
  readonly use: string // code@major, as written
  readonly with: { readonly [input: string]: Template }
  readonly each: {
    readonly in: Template
    readonly as: string
    readonly atOnce: number
    readonly stopAfter: number
  } | null
  readonly next: string
}
export interface AskNode extends NodeBase {
  readonly kind: 'ask'
  readonly ask: 'approval' | 'form' | 'confirm'
  readonly with: { readonly [input: string]: Template }
  readonly bind: readonly string[] | null
  readonly next: string
}
export interface WaitNode extends NodeBase {
  readonly kind: 'wait'
  readonly with: { readonly [input: string]: Template }
  readonly next: string
}
export interface SubflowNode extends NodeBase {
  readonly kind: 'subflow'
  readonly with: { readonly [input: string]: Template }
  readonly next: string
}
export interface Branch {
  readonly when: Template | null // null: else
  readonly next: string
  readonly title: string | null
}
export interface GatewayNode extends NodeBase {
  readonly kind: 'gateway'
  readonly gateway: 'exclusive' | 'parallel' | 'inclusive' | 'converge'
  readonly mode: 'first' | 'only'
  readonly branches: readonly Branch[] // parallel: every one with when null
  /** parallel, inclusive: the converge that closes it. */
  readonly closesAt: string | null
  /** converge: where it goes on. */
  readonly next: string | null
}
export type FlowNode = ActivityNode | AskNode | WaitNode | SubflowNode | GatewayNode

/** A published version, compiled: what `decide` reads. Plain data but for the templates. */
export interface Flow {
  readonly name: string
  readonly project: string
  readonly version: number
  readonly digest: string
  readonly title: string
  readonly labels: { readonly [key: string]: string }
  readonly variables: readonly Variable[]
  readonly nodes: readonly FlowNode[] // document order, `finally` nodes included
  readonly node: (id: string) => FlowNode | undefined
  readonly start: string
  readonly finally: readonly string[]
  readonly outputs: { readonly [name: string]: Template }
  readonly concurrency: {
    readonly key: Template
    readonly limit: number
    readonly whenBusy: 'queue' | 'reject' | 'join'
  } | null
  readonly notify: { readonly attention: readonly string[]; readonly finished: readonly string[] }
  readonly attention: {
    readonly remindEveryMs: number | null
    readonly escalateTo: readonly string[]
    readonly afterMs: number | null
    readonly giveUpMs: number | null
  }
  readonly expectMs: number | null
  /** A title made of `${…}` over these values; null: they do not give one. Absent: titles stay as they are. */
  readonly titleOf?: (template: string, values: Values) => string | null
}
