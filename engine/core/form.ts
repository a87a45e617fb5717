import type { CompiledFlow } from './compile.ts'
import type { AppDocument } from './document/kinds.ts'
import { inProject, type Directory } from './env.ts'
import type { FieldError } from './error.ts'
import type { Option, Scope, Variable, VariableType } from './flow.ts'
import { nearest } from './nearest.ts'
import type { Actor } from './state.ts'
import { textOf } from './template.ts'
import { depthOf, MAX_DEPTH, type Value, type Values } from './value.ts'
import { checkValue, isEmpty, type CheckContext } from './variables/check.ts'
import { quoted } from './variables/words.ts'

/** One question of a launch form, ready to be drawn by any surface. */
export interface FormField {
  /** Whose hosts and people it is about. */
  readonly project?: string
  readonly key: string
  readonly type: VariableType
  readonly title: string
  readonly help: string | null
  readonly required: boolean
  readonly default: Value
  /** What stands in it now: fixed, answered or default. Null for a secret. */
  readonly value: Value
  readonly options: readonly Option[] | null
  /** Options are asked for through `formOptions`. */
  readonly dynamic: boolean
  readonly dependsOn: readonly string[]
  /** `showIf` holds. A hidden field is not required and is null. */
  readonly visible: boolean
  readonly group: string | null
  /** Never asked, echoed or accepted in a chat: it opens on the phone. */
  readonly secret: boolean
  readonly onCard: boolean
  readonly pattern: string | null
  readonly min: number | null
  readonly max: number | null
  readonly minLength: number | null
  readonly maxLength: number | null
  readonly step: number | null
  readonly rows: number | null
  readonly readOnly: boolean
  /** The app has decided it; nothing a person sends changes it. */
  readonly fixed: boolean
  /** Some step that will run still reads it; others are folded under "not used". */
  readonly reachable: boolean
  /** A chat can show it as it is. */
  readonly inChat: boolean
}
export interface FormContext extends CheckContext {
  readonly directory: Directory
  readonly starter?: Actor
}
export interface Answers {
  /** Every variable that has a value at launch; secrets as `{$secret: 'task:<key>'}`. One that only nodes write is absent. */
  readonly values: Values
  /** Plain texts of secret variables, to be sealed before anything is recorded. */
  readonly secrets: { readonly [key: string]: string }
  /** Keys that the form set or could have set: what approvals bind to by default. */
  readonly launched: readonly string[]
  readonly errors: readonly FieldError[]
}

interface Question {
  readonly variable: Variable
  readonly fixed: boolean
  readonly hidden: boolean
  readonly preset: Value | undefined
}
/** A variable as the app lets it be asked: its own title, help and default, fixed or hidden. */
function questionsOf(flow: CompiledFlow, app: AppDocument | null): readonly Question[] {
  return flow.variables.map((variable) => {
    const rule = app?.spec.form?.[variable.key]
    const fixed = rule?.fixed !== undefined
    return {
      variable: {
        ...variable,
        ...(rule?.title !== undefined && { title: rule.title }),
        ...(rule?.help !== undefined && { help: rule.help }),
      },
      fixed,
      hidden: !variable.show || rule?.hide === true,
      preset: fixed ? rule.fixed : (rule?.default ?? variable.default),
    }
  })
}

const NO_CHAT: ReadonlySet<VariableType> = new Set(['table', 'json', 'file'])
const asked = (question: Question): boolean =>
  !question.hidden && !question.fixed && !question.variable.readOnly && question.variable.computed === undefined

/** The form of a flow or app, given what is answered so far. `reachable` comes from `previewOf`; without it everything is. */
export function formOf(
  flow: CompiledFlow,
  app: AppDocument | null,
  answers: Values,
  context: FormContext,
  reachable?: ReadonlySet<string>,
): readonly FormField[] {
  const resolved = resolve(flow, app, answers, context)
  return questionsOf(flow, app)
    .filter((question) => !question.hidden)
    .map((question) => ({
      ...fieldOf(question, resolved, reachable?.has(question.variable.key) ?? true),
      project: flow.project,
    }))
}

function fieldOf(question: Question, resolved: Resolved, reachable: boolean): FormField {
  const { variable, fixed } = question
  const value = resolved.values[variable.key] ?? null
  return {
    key: variable.key,
    type: variable.type,
    title: variable.title,
    help: variable.help ?? null,
    required: variable.required,
    default: variable.secret ? null : (question.preset ?? null),
    value: variable.secret ? null : value,
    options: variable.options ?? null,
    dynamic: variable.optionsFrom !== undefined,
    dependsOn: variable.optionsFrom?.dependsOn ?? [],
    visible: resolved.visible.has(variable.key),
    group: variable.group ?? null,
    secret: variable.secret,
    onCard: variable.onCard,
    pattern: variable.pattern ?? null,
    min: variable.min ?? null,
    max: variable.max ?? null,
    minLength: variable.minLength ?? null,
    maxLength: variable.maxLength ?? null,
    step: variable.step ?? null,
    rows: variable.rows ?? null,
    readOnly: variable.readOnly || fixed || variable.computed !== undefined,
    fixed,
    reachable,
    inChat: !variable.secret && !NO_CHAT.has(variable.type),
  }
}

/** Checks the answers of a launch: values of all variables, and everything wrong at once. */
export function checkAnswers(
  flow: CompiledFlow,
  app: AppDocument | null,
  answers: Values,
  context: FormContext,
): Answers {
  const resolved = resolve(flow, app, answers, context)
  const questions = questionsOf(flow, app)
  const errors = [...unknownAnswers(questions, answers), ...resolved.errors]
  return {
    values: resolved.values,
    secrets: resolved.secrets,
    launched: questions.filter((question) => !question.hidden).map((question) => question.variable.key),
    errors,
  }
}

/**
 * Checks an edit of a live task: only what a person may set, each against its declaration, the rest taken as it is.
 * `operator`: also what the form hides (an operator mends what a node wrote); what the app fixes stays fixed.
 */
export function checkEdit(
  flow: CompiledFlow,
  app: AppDocument | null,
  current: Values,
  changes: Values,
  context: FormContext & { readonly operator?: boolean },
): Pick<Answers, 'values' | 'secrets' | 'errors'> {
  const questions = questionsOf(flow, app)
  const errors: FieldError[] = []
  const values: Record<string, Value> = {}
  const secrets: Record<string, string> = {}
  const scope = scopeOf({ ...current, ...changes }, context, flow.project)
  for (const [key, given] of Object.entries(changes)) {
    const question = questions.find((found) => found.variable.key === key)
    const refusal = question === undefined ? unknown(key, questions) : refusalOf(question, context.operator === true)
    if (refusal !== null || question === undefined) {
      if (refusal !== null) errors.push({ field: key, ...refusal })
      continue
    }
    const { variable } = question
    const shown = holds(variable, scope)
    const checked = checkValue(shown ? variable : { ...variable, required: false }, given, within(context, flow))
    if (checked.error !== null) errors.push(checked.error)
    else keep(variable, checked.value, values, secrets)
  }
  return { values, secrets, errors }
}

type Refusal = Omit<FieldError, 'field'>
function refusalOf(question: Question, operator: boolean): Refusal | null {
  const { title } = question.variable
  if (question.fixed) return { code: 'fixed', message: `${title} is fixed by this app and cannot be changed` }
  if (question.variable.computed !== undefined)
    return { code: 'fixed', message: `${title} follows from other values and cannot be set` }
  if (operator) return null
  if (question.variable.readOnly) return { code: 'fixed', message: `${title} can be read, not changed` }
  return question.hidden ? { code: 'fixed', message: `${title} is not part of this form` } : null
}
function unknown(key: string, questions: readonly Question[]): Refusal {
  const near = nearest(
    key,
    questions.filter(asked).map((question) => question.variable.key),
  )
  return {
    code: 'unknown_field',
    message: `There is no ${quoted(key)} to fill in${near === null ? '' : `. Did you mean ${near}?`}`,
    ...(near !== null && { fix: near }),
  }
}

function unknownAnswers(questions: readonly Question[], answers: Values): readonly FieldError[] {
  return Object.keys(answers).flatMap((key) => {
    const question = questions.find((found) => found.variable.key === key)
    if (question === undefined) return [{ field: key, ...unknown(key, questions) }]
    const refusal = refusalOf(question, false)
    // A surface that sends back what it was shown has set nothing.
    const same =
      depthOf(answers[key] ?? null) <= MAX_DEPTH &&
      JSON.stringify(answers[key]) === JSON.stringify(question.preset ?? null)
    return refusal === null || same || isEmpty(answers[key]) ? [] : [{ field: key, ...refusal }]
  })
}

interface Resolved {
  readonly values: Values
  readonly secrets: { readonly [key: string]: string }
  readonly visible: ReadonlySet<string>
  readonly errors: readonly FieldError[]
}
/** Names mean what the flow's project means by them. */
const within = <C extends FormContext>(context: C, { project }: CompiledFlow): C => ({
  ...context,
  directory: inProject(context.directory, project),
})
/** Values in document order; a field's `showIf` may read any other, however they are ordered. */
function resolve(flow: CompiledFlow, app: AppDocument | null, answers: Values, around: FormContext): Resolved {
  const context = within(around, flow)
  const questions = questionsOf(flow, app)
  const given = Object.fromEntries(
    questions.map((question) => [question.variable.key, givenOf(question, answers) ?? null]),
  )
  const checkedGiven = Object.fromEntries(
    questions.map(({ variable }) => [
      variable.key,
      variable.secret
        ? null
        : (checkValue({ ...variable, required: false }, given[variable.key], context).value ??
          given[variable.key] ??
          null),
    ]),
  )
  const scope = scopeOf(checkedGiven, context, flow.project)
  const values: Record<string, Value> = {}
  const secrets: Record<string, string> = {}
  const visible = new Set<string>()
  const errors: FieldError[] = []
  for (const question of questions) {
    const { variable, hidden } = question
    if (variable.computed !== undefined) {
      visible.add(variable.key)
      continue
    }
    const shown = holds(variable, scope)
    if (shown) visible.add(variable.key)
    const raw = shown ? givenOf(question, answers) : undefined
    // Declared for a node to write: until then it is missing, and reading it fails the reader.
    if (!variable.show && isEmpty(raw)) continue
    const checked = checkValue(shown && !hidden ? variable : { ...variable, required: false }, raw, context)
    if (checked.error !== null) errors.push(checked.error)
    else keep(variable, checked.value, values, secrets)
  }
  for (const { variable } of questions)
    if (variable.computed !== undefined) computeInto(variable, { ...given, ...values }, context, flow.project, values)
  return { values, secrets, visible, errors }
}

/** `''` and null are answers: the person emptied the field. Only a key that was not sent leaves the default. */
function givenOf(question: Question, answers: Values): Value | undefined {
  const { key } = question.variable
  if (!asked(question) || !Object.hasOwn(answers, key)) return question.preset
  return answers[key] ?? null
}

/** A computed value that needs what only a running task has is left to be computed there. */
function computeInto(
  variable: Variable,
  seen: Values,
  context: FormContext,
  project: string,
  values: Record<string, Value>,
): void {
  try {
    const value = variable.computed?.evaluate(scopeOf(seen, context, project))
    if (value !== undefined) values[variable.key] = value
  } catch {
    delete values[variable.key]
  }
}

function keep(variable: Variable, value: Value, values: Record<string, Value>, secrets: Record<string, string>): void {
  if (!variable.secret || value === null) values[variable.key] = value
  else {
    values[variable.key] = { $secret: `task:${variable.key}` }
    secrets[variable.key] = textOf(value)
  }
}

function scopeOf(values: Values, context: FormContext, project: string): Scope {
  return (name) => {
    if (Object.hasOwn(values, name)) return values[name]
    return name === 'project' ? context.directory.constants(project) : undefined
  }
}

/** A condition that cannot be told yet shows the field: better one question too many than a value nobody was asked for. */
function holds(variable: Variable, scope: Scope): boolean {
  if (variable.showIf === undefined) return true
  try {
    const shown = variable.showIf.evaluate(scope)
    return shown !== false && shown !== null && shown !== 'false' && shown !== ''
  } catch {
    return true
  }
}

/** The task's title: the app's `taskTitle` filled in, else the app's or flow's own. Secrets never enter it. */
export function taskTitleOf(flow: CompiledFlow, app: AppDocument | null, values: Values): string {
  const plain = app?.metadata.title ?? flow.title
  return (app?.spec.taskTitle !== undefined && flow.titleOf?.(app.spec.taskTitle, values)) || plain
}
