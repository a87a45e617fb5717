/* eslint svelte/prefer-svelte-reactivity: off -- these are made anew for each change, or are never shown */
import { ClientError, type Client, type FieldError } from '../../../api/client/index.ts'
import type { Field } from '../api/fragments.ts'
import {
  formQuery,
  launchMutation,
  optionsQuery,
  previewQuery,
  type FormApp,
  type Options,
  type Preview,
} from '../api/apps.ts'
import { isPassing } from './follow.ts'
import { newKey } from './key.ts'

export type Answers = Readonly<Record<string, unknown>>
export interface FormParts {
  readonly client: () => Client
  readonly app: string
  /** Where a draft waits while the person signs in again. Never holds a secret. */
  readonly session: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  readonly prefilled?: Answers
  /** The ended task this one may go on from. */
  readonly from?: { readonly id: string; readonly number: number } | null
  /** How long after the last key the server is asked what is visible now. */
  readonly settleMs?: number
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)

/**
 * One opening of an app's form. What is visible, fixed, reachable and right is the server's to say;
 * this holds what was typed. Each opening mints its key, so a double tap is one task.
 */
export class FormState {
  app = $state.raw<FormApp | null>(null)
  answers = $state.raw<Answers>({})
  errors = $state.raw<readonly FieldError[]>([])
  options = $state.raw<Readonly<Record<string, Options | 'loading' | 'failed'>>>({})
  preview = $state.raw<Preview | null>(null)
  /** Why the form could not be read. */
  refusal = $state.raw<ClientError | null>(null)
  failed = $state(false)
  checking = $state(false)
  launching = $state(false)
  /** Why the last press of Review or Launch did nothing, when no field is to blame. */
  trouble = $state.raw<ClientError | null>(null)
  fields = $derived(this.app?.form.fields.filter((field) => field.visible) ?? [])
  shown = $derived(this.fields.filter((field) => field.reachable))
  unused = $derived(this.fields.filter((field) => !field.reachable))
  wrong = $derived(this.errors.filter((error) => this.#touched.has(error.field) || this.all))
  /** After Review was pressed every error shows; before, only those of fields that were left. */
  all = $state(false)
  /** The variant that is launched, by name; null: as usual. */
  scheme = $state<string | null>(null)
  /** Why it cannot wait until a freeze is over. */
  overrideFreeze = $state('')
  /** Keeps what finished steps of the earlier task gave, where nothing changed. */
  keeps = $state(false)
  readonly key = newKey()
  #touched = $state.raw<ReadonlySet<string>>(new Set())
  #asked = 0
  #settling: ReturnType<typeof setTimeout> | undefined
  readonly #parts: FormParts

  constructor(parts: FormParts) {
    this.#parts = parts
    this.answers = { ...this.#draft(), ...parts.prefilled }
  }

  async open(): Promise<void> {
    await this.#readForm()
    for (const field of this.shown) if (needsOptions(field)) void this.loadOptions(field)
  }

  valueOf(field: Field): unknown {
    return field.fixed || field.readOnly || !(field.key in this.answers) ? field.value : this.answers[field.key]
  }

  errorOf(field: Field): FieldError | null {
    return this.wrong.find((error) => error.field === field.key) ?? null
  }

  /** Parents that have no value yet: their child cannot be asked. */
  missingParent(field: Field): Field | null {
    return this.fields.find((parent) => field.dependsOn.includes(parent.key) && isEmpty(this.valueOf(parent))) ?? null
  }

  /** Another variant fills in other values: the server draws the form anew. */
  async choose(scheme: string | null): Promise<void> {
    this.scheme = scheme
    this.errors = []
    await this.#readForm()
  }

  set(field: Field, value: unknown): void {
    this.answers = { ...this.answers, [field.key]: value }
    this.errors = this.errors.filter((error) => error.field !== field.key)
    this.#saveDraft()
    clearTimeout(this.#settling)
    this.#settling = setTimeout(() => {
      void this.#readForm().then(() => {
        for (const child of this.shown) if (child.dependsOn.includes(field.key)) void this.loadOptions(child)
      })
    }, this.#parts.settleMs ?? 250)
  }

  /** A field was left: its error shows from now on. */
  async leave(field: Field): Promise<void> {
    this.#touched = new Set([...this.#touched, field.key])
    await this.#check()
  }

  /** The server's list of choices; kept and marked old when it cannot be had. */
  async loadOptions(field: Field, search?: string): Promise<void> {
    if (this.missingParent(field)) return
    const before = this.options[field.key]
    if (typeof before !== 'object') this.options = { ...this.options, [field.key]: 'loading' }
    try {
      const { formOptions } = await this.#parts
        .client()
        .query(optionsQuery, { app: this.#parts.app, field: field.key, answers: this.#sent(), search: search ?? null })
      this.options = { ...this.options, [field.key]: formOptions }
    } catch {
      this.options = {
        ...this.options,
        [field.key]: typeof before === 'object' ? { ...before, stale: true } : 'failed',
      }
    }
  }

  /** Everything at once. True when nothing is to correct, and `preview` says what would happen. */
  async review(): Promise<boolean> {
    clearTimeout(this.#settling)
    this.all = true
    this.trouble = null
    this.checking = true
    try {
      const preview = await this.#previewed()
      this.errors = preview.errors.map(plainError)
      this.preview = this.errors.length === 0 ? preview : null
      if (this.errors.length > 0) await this.#readForm()
      return this.errors.length === 0
    } catch (error) {
      this.#takeTrouble(error)
      return false
    } finally {
      this.checking = false
    }
  }

  /** The number of the task, or null when the server refused; the same key makes a second press the same task. */
  async launch(rehearsal = false): Promise<number | null> {
    if (this.launching) return null
    this.launching = true
    this.trouble = null
    try {
      const { launch } = await this.#parts.client().query(launchMutation, {
        input: {
          ...this.#input(),
          // A rehearsal is another task than what follows it from the same form.
          key: rehearsal ? `${this.key}-rehearsal` : this.key,
          ...(rehearsal && { rehearsal }),
          ...(!rehearsal && this.overrideFreeze.trim() !== '' && { overrideFreeze: this.overrideFreeze }),
        },
      })
      if (!rehearsal) this.#parts.session.removeItem(this.#draftKey())
      return launch.number
    } catch (error) {
      this.#takeTrouble(error)
      return null
    } finally {
      this.launching = false
    }
  }

  stop(): void {
    clearTimeout(this.#settling)
  }

  async #readForm(): Promise<void> {
    const asked = ++this.#asked
    try {
      const { app } = await this.#parts.client().query(formQuery, {
        app: this.#parts.app,
        answers: this.#sent(),
        ...(this.scheme !== null && { scheme: this.scheme }),
      })
      if (asked !== this.#asked) return // a newer reading is on its way
      this.failed = false
      this.refusal = app ? null : new ClientError('NOT_FOUND', this.#parts.app)
      this.app = app
    } catch (error) {
      if (asked !== this.#asked) return
      if (isPassing(error)) this.failed = this.app === null
      else this.refusal = error as ClientError // isPassing is true for everything else
    }
  }

  async #check(): Promise<void> {
    try {
      this.errors = (await this.#previewed()).errors.map(plainError)
    } catch {
      // Leaving a field is no act: Review says what is wrong.
    }
  }

  async #previewed(): Promise<Preview> {
    const { preview } = await this.#parts.client().query(previewQuery, { input: this.#input() })
    return preview
  }

  get from(): FormParts['from'] {
    return this.#parts.from ?? null
  }
  #input(): { app: string; variables: Answers; scheme?: string; continueFrom?: string } {
    const { app, from } = this.#parts
    return {
      app,
      variables: this.#sent(),
      ...(this.scheme !== null && { scheme: this.scheme }),
      ...(this.keeps && from && { continueFrom: from.id }),
    }
  }

  #takeTrouble(error: unknown): void {
    const refusal = error instanceof ClientError ? error : new ClientError('NETWORK', String(error))
    if (refusal.fields.length > 0) {
      this.errors = refusal.fields
      this.preview = null
    } else this.trouble = refusal
  }

  /** Answers to fields the server knows and lets people set; before the first reading, all there are. */
  #sent(): Answers {
    if (!this.app) return this.answers
    const open = new Set(this.app.form.fields.filter((field) => !field.fixed && !field.readOnly).map(({ key }) => key))
    return Object.fromEntries(
      Object.entries(this.answers).filter(([key, value]) => open.has(key) && value !== undefined),
    )
  }

  #draftKey(): string {
    return `baton.draft.${this.#parts.app}`
  }

  #draft(): Answers {
    try {
      return JSON.parse(this.#parts.session.getItem(this.#draftKey()) ?? '{}') as Answers // written by us, below
    } catch {
      return {}
    }
  }

  #saveDraft(): void {
    const secrets = new Set(
      (this.app?.form.fields ?? []).filter((field) => field.secret || field.type === 'password').map(({ key }) => key),
    )
    const open = Object.fromEntries(Object.entries(this.answers).filter(([key]) => !secrets.has(key)))
    try {
      this.#parts.session.setItem(this.#draftKey(), JSON.stringify(open))
    } catch {
      // Full, or private browsing: there is no draft then.
    }
  }
}

/** Choices that the form itself does not bring. */
export const needsOptions = (field: Field): boolean =>
  !field.fixed && (field.optionsFrom || (['host', 'hosts', 'person', 'people'].includes(field.type) && !field.options))

const plainError = ({
  field,
  code,
  message,
  fix,
}: {
  field: string
  code: string
  message: string
  fix: string | null
}): FieldError => ({
  field,
  code,
  message,
  ...(fix !== null && { fix }),
})
