/** What people are shown, before any platform draws it: plain data, already in the reader's words. */

/** State as chat shows it (VISUAL: never colour alone, the mark stands with its word). */
export type Mark =
  'running' | 'waiting' | 'attention' | 'paused' | 'succeeded' | 'failed' | 'stopped' | 'queued' | 'todo' | 'skipped'

/** A piece of a line. Texts are raw: each platform escapes them itself, so nothing a person typed becomes markup. */
export type Span =
  | { readonly kind: 'text'; readonly text: string; readonly style?: 'bold' | 'code' | 'quiet' }
  | { readonly kind: 'link'; readonly text: string; readonly url: string }
  /** `id` is the person's id in Baton. `user`: their account on the platform, where they are to be called by it; else the name stands alone. */
  | { readonly kind: 'person'; readonly name: string; readonly id: string | null; readonly user?: string }
  /** `at`: ms since the epoch. Drawn in the reader's zone where the platform can, else in the zone of the card's texts. */
  | { readonly kind: 'time'; readonly at: number; readonly show: 'clock' | 'date' }
export type Line = readonly Span[]

export const plain = (text: string): Span => ({ kind: 'text', text })
export const bold = (text: string): Span => ({ kind: 'text', text, style: 'bold' })
export const code = (text: string): Span => ({ kind: 'text', text, style: 'code' })
export const quiet = (text: string): Span => ({ kind: 'text', text, style: 'quiet' })
export const link = (text: string, url: string): Span => ({ kind: 'link', text, url })
export const time = (at: number, show: 'clock' | 'date' = 'clock'): Span => ({ kind: 'time', at, show })
export const person = (actor: { readonly id?: string | null; readonly name: string }): Span => ({
  kind: 'person',
  name: actor.name,
  id: actor.id ?? null,
})
export const line = (...spans: readonly (Span | string)[]): Line =>
  spans.map((span) => (typeof span === 'string' ? plain(span) : span))

/** What a button stands for; the server keeps it behind a random token (schema `ButtonInput`). */
export interface ButtonTarget {
  readonly verb: string
  readonly taskId?: string
  readonly nodeId?: string
  readonly attempt?: number
  readonly askId?: string
  readonly digest?: string
  readonly app?: string
  readonly data?: unknown
}
/** The question before something is destroyed. */
export interface Confirm {
  readonly title: string
  /** Each consequence one line. */
  readonly lines: readonly string[]
  readonly yes: string
  readonly no: string
}
export interface Action {
  readonly label: string
  /** `primary` is the one thing to do now and comes first; `success` is Approve. */
  readonly style: 'primary' | 'success' | 'danger' | 'plain'
  readonly target: ButtonTarget
  readonly confirm: Confirm | null
  /** May be folded into a "more" menu where there is one. */
  readonly minor?: boolean
}
/** An action whose token has been made: what a platform needs to draw a button. */
export interface PlacedAction extends Action {
  readonly token: string
}

export interface CardFact {
  readonly title: string
  readonly text: string
}
export interface TimelineEntry {
  readonly mark: Mark | null
  readonly line: Line
  /** What was printed, oldest first, to stand beneath it. */
  readonly log?: readonly string[]
}

export type CardKind = 'launch' | 'task' | 'attention' | 'ask' | 'request' | 'receipt' | 'message' | 'thread'
/** One message, edited in place. Drawn from top to bottom in the order of the fields. */
export interface Card {
  readonly kind: CardKind
  /** What a notification and a screen reader say: title, cause, task. Plain text. */
  readonly summary: string
  /** Word to stand above all else (REHEARSAL 演练), or null. */
  readonly banner: string | null
  /** Null once decided: the title loses its mark. */
  readonly mark: Mark | null
  readonly title: string
  /** Cause, state, task link. */
  readonly lines: readonly Line[]
  readonly progress: { readonly done: number; readonly total: number; readonly text: string } | null
  readonly timeline: readonly TimelineEntry[]
  readonly facts: readonly CardFact[]
  readonly advice: { readonly title: string; readonly text: string } | null
  /** Last lines of what the step printed, oldest first. */
  readonly log: readonly string[]
  /** One bold line: who, what, when. */
  readonly outcome: Line | null
  readonly actions: readonly Action[]
  /** Small type at the end: people, number. */
  readonly notes: readonly Line[]
}
export interface PlacedCard extends Omit<Card, 'actions'> {
  readonly actions: readonly PlacedAction[]
}

/** How a field is asked. `search`/`searches`: options come from the server while typing (`searchOptions`). `shown`: fixed, never changed. */
export type Widget =
  | 'line'
  | 'lines'
  | 'integer'
  | 'number'
  | 'yesno'
  | 'choice'
  | 'choices'
  | 'search'
  | 'searches'
  | 'date'
  | 'time'
  | 'datetime'
  | 'list'
  | 'shown'
export interface FormOption {
  /** Its place in the server's list may move: platforms send back `id`, and `valueOf` finds the value. */
  readonly id: string
  readonly title: string
  readonly value: unknown
}
export interface Field {
  readonly key: string
  readonly label: string
  readonly help: string | null
  readonly widget: Widget
  readonly required: boolean
  /** As the server has it: typed, or null. */
  readonly value: unknown
  /** The value in words. */
  readonly valueText: string
  readonly options: readonly FormOption[]
  /** Its options depend on answers of these. */
  readonly dependsOn: readonly string[]
  /** Another answer here may show, hide or fill other fields: draw the form anew when it changes. */
  readonly redraws: boolean
  readonly min: number | null
  readonly max: number | null
  readonly minLength: number | null
  readonly maxLength: number | null
  readonly rows: number | null
  /** What is wrong with the value, and the value that would be right. */
  readonly error: string | null
  readonly fix: string | null
}
/** What a person is asked to fill in. */
export interface Form {
  readonly title: string
  readonly intro: readonly Line[]
  readonly fields: readonly Field[]
  /** `Review`, `Launch`, `Reject` … */
  readonly submit: string
  readonly cancel: string
  /** Has a step "check everything once more" between filling in and doing. */
  readonly review: boolean
  readonly danger: boolean
  /** Under the fields: what will happen, "This restarts production." */
  readonly notes: readonly Line[]
  /** Some field cannot be asked in chat (secret, file, too long): these fields by title, to be answered on the phone page. */
  readonly onPhone: readonly string[]
}
/** What is about to be done, before it is done. */
export interface Review {
  readonly title: string
  readonly facts: readonly CardFact[]
  readonly notes: readonly Line[]
  readonly submit: string
  readonly back: string
}

/** A card that only says something, before it says it. */
export const BLANK: Card = {
  kind: 'message',
  summary: '',
  banner: null,
  mark: null,
  title: '',
  lines: [],
  progress: null,
  timeline: [],
  facts: [],
  advice: null,
  log: [],
  outcome: null,
  actions: [],
  notes: [],
}
