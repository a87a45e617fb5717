import {
  inProject,
  type Directory,
  type FieldError as FieldErrorShape,
  type FormField as EngineField,
  type Option as OptionShape,
  type Value,
  type Variable,
} from '../../../engine/index.ts'
import type { Context } from '../../context.ts'
import { builder } from '../../graphql/builder.ts'
import { fieldText, textsOf } from '../../texts.ts'
import { shownValue } from '../task/shown.ts'

export type FieldShape = EngineField

export const Option = builder.objectRef<OptionShape>('Option').implement({
  fields: (t) => ({
    value: t.field({ type: 'JSON', resolve: ({ value }) => value }),
    title: t.exposeString('title'),
  }),
})
export const FormField = builder.objectRef<FieldShape>('FormField').implement({
  fields: (t) => ({
    key: t.exposeString('key'),
    type: t.exposeString('type'),
    title: t.exposeString('title'),
    help: t.exposeString('help', { nullable: true }),
    group: t.exposeString('group', { nullable: true }),
    required: t.exposeBoolean('required'),
    readOnly: t.exposeBoolean('readOnly'),
    secret: t.exposeBoolean('secret'),
    visible: t.exposeBoolean('visible'),
    reachable: t.boolean({
      description: 'False: the chosen steps do not use it.',
      resolve: ({ reachable }) => reachable,
    }),
    fixed: t.boolean({ description: 'Set by the app: shown, never changed.', resolve: ({ fixed }) => fixed }),
    value: t.field({ type: 'JSON', nullable: true, resolve: ({ secret, value }) => (secret ? null : value) }),
    text: t.string({
      nullable: true,
      description: 'The value in words: titles of options, yes or no, dates in the reader’s way.',
      resolve: ({ type, options, secret, value }, _, { who }) =>
        secret || value == null ? null : shownValue({ type, ...(options && { options }) }, value as Value, who), // JSON, as recorded
    }),
    options: t.field({ type: [Option], nullable: true, resolve: (field, _, context) => optionsOf(field, context) }),
    shortcuts: t.field({
      type: [Option],
      description:
        'Values that stand for several options: labels of hosts, `@web`. They are not counted among the options.',
      resolve: ({ type, project }, _, context) =>
        type === 'hosts' ? labelsOf({ directory: directoryFor(context, project) }) : [],
    }),
    optionsFrom: t.boolean({ resolve: ({ dynamic }) => dynamic }),
    dependsOn: t.stringList({ resolve: ({ dependsOn }) => [...dependsOn] }),
    pattern: t.exposeString('pattern', { nullable: true }),
    min: t.exposeFloat('min', { nullable: true }),
    max: t.exposeFloat('max', { nullable: true }),
    minLength: t.exposeInt('minLength', { nullable: true }),
    maxLength: t.exposeInt('maxLength', { nullable: true }),
    step: t.exposeFloat('step', { nullable: true }),
    rows: t.exposeInt('rows', { nullable: true }),
    notInChat: t.string({
      nullable: true,
      description: 'Null: can be asked in chat. Else why not.',
      resolve: ({ inChat, secret }, _, { who }) => {
        const texts = textsOf(who.language).notInChat
        return inChat ? null : ((secret ? texts['secret'] : texts['type']) ?? null)
      },
    }),
  }),
})
export const Form = builder.objectRef<{ fields: readonly FieldShape[] }>('Form').implement({
  fields: (t) => ({
    fields: t.field({ type: [FormField], resolve: ({ fields }) => [...fields] }),
    needsPhone: t.boolean({
      description: 'Some field can be answered on the phone page only.',
      resolve: ({ fields }) =>
        fields.some((field) => !field.inChat && field.visible && field.required && !field.fixed && !field.readOnly),
    }),
  }),
})
export const FieldError = builder.objectRef<FieldErrorShape>('FieldError').implement({
  fields: (t) => ({
    field: t.exposeString('field'),
    code: t.exposeString('code'),
    message: t.string({ resolve: ({ message }, _, { who }) => fieldText(message, who.language) }),
    fix: t.string({ nullable: true, resolve: ({ fix }) => fix ?? null }),
  }),
})

/** Declared options; for hosts and people those there are now. */
export function optionsOf(
  field: Pick<FieldShape, 'type' | 'options' | 'project'> & { readonly value?: unknown },
  context: Pick<Context, 'directory'>,
  most = MOST_PEOPLE,
): OptionShape[] | null {
  if (field.options) return [...field.options]
  const directory = directoryFor(context, field.project)
  if (field.type === 'host' || field.type === 'hosts') {
    const hosts = directory.allHosts?.() ?? []
    // A label that is chosen stays among them: it has not vanished.
    const chosen = Array.isArray(field.value) ? (field.value as unknown[]) : [field.value]
    const labels = field.type === 'hosts' ? labelsOf({ directory }).filter(({ value }) => chosen.includes(value)) : []
    return [...labels, ...hosts.map(({ name }) => ({ value: name, title: name }))]
  }
  if (field.type === 'person' || field.type === 'people') {
    const nobody = { person: null, name: '', surface: 'system' } as const
    const people = directory.people('everyone', nobody).slice(0, most) // others are searched for
    return people.map(({ name }) => ({ value: name, title: name }))
  }
  return null
}

/** Hosts and roles are those of the field's project: of a form nobody said which, the one that all share. */
const directoryFor = ({ directory }: Pick<Context, 'directory'>, project = 'default'): Directory =>
  inProject(directory, project)

/** More names than anybody scrolls through. */
const MOST_PEOPLE = 1_000
export function labelsOf({ directory }: { readonly directory: Directory }): OptionShape[] {
  const labels = new Set((directory.allHosts?.() ?? []).flatMap((host) => host.labels))
  return [...labels].sort().map((label) => ({ value: `@${label}`, title: `@${label}` }))
}

/** A variable as a field of its own, outside a launch form: for edits, receipts and what is done by hand. */
export function fieldOf(variable: Variable, value: unknown, more: Partial<FieldShape> = {}): FieldShape {
  return {
    key: variable.key,
    type: variable.type,
    title: variable.title,
    help: variable.help ?? null,
    required: variable.required,
    default: null,
    value: variable.secret ? null : ((value ?? null) as FieldShape['value']), // JSON, as recorded
    options: variable.options ?? null,
    dynamic: variable.optionsFrom !== undefined,
    dependsOn: [],
    visible: true,
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
    readOnly: variable.readOnly,
    fixed: false,
    reachable: true,
    inChat: !variable.secret && !['table', 'json', 'file'].includes(variable.type),
    ...more,
  }
}
