import { catalogue, EngineError } from '../../../engine/index.ts'
import { appRights, rightsIn, somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { placeOf } from '../../delivery/place.ts'
import { orderOf, type Way } from '../../delivery/plan.ts'
import { isClock, quietUntil } from '../../delivery/quiet.ts'
import { platformsOf, SERVER_ZONE, waysOf } from '../../delivery/reach.ts'
import { badInput, notFound } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { words } from '../../graphql/enums.ts'
import { findTask, taskOf } from '../task/load.ts'

const Channel = words('AlertChannelName', catalogue.CHANNELS)
const Urgent = words('AlertUrgency', catalogue.URGENT)
type Shape = {
  readonly person: catalogue.Person
  readonly settings: catalogue.AlertSettings
  readonly ways: readonly Way[]
}
interface ChannelShape {
  readonly channel: catalogue.Channel
  readonly afterMin: number | null
  readonly names: readonly string[]
}

const AlertChannel = builder.objectRef<ChannelShape>('AlertChannel').implement({
  description: 'A channel by which somebody can be told.',
  fields: (t) => ({
    channel: t.field({ type: Channel, resolve: ({ channel }) => channel }),
    afterMin: t.exposeInt('afterMin', {
      nullable: true,
      description: 'Used so many minutes after the alert, unless somebody has answered; null: not used.',
    }),
    names: t.stringList({
      description: 'Linked accounts or addresses; empty: none is linked, so it reaches nobody.',
      resolve: ({ names }) => [...names],
    }),
  }),
})
const Quiet = builder.objectRef<NonNullable<catalogue.AlertSettings['quiet']>>('QuietHours').implement({
  fields: (t) => ({
    from: t.exposeString('from', { description: '`22:00`, in the person’s zone.' }),
    to: t.exposeString('to', { description: '`07:00`; not later than `from`: the next day.' }),
    days: t.intList({ description: 'On which it begins: 1 Monday … 7 Sunday.', resolve: ({ days }) => [...days] }),
  }),
})
const Mute = builder.objectRef<catalogue.Mute>('AlertMute').implement({
  description: 'What somebody does not want to hear of. It waits in their inbox all the same.',
  fields: (t) => ({
    app: t.string({ nullable: true, resolve: ({ kind, name }) => (kind === 'app' ? name : null) }),
    project: t.string({ nullable: true, resolve: ({ project }) => project || null }),
    taskId: t.id({ nullable: true, resolve: ({ kind, name }) => (kind === 'task' ? name : null) }),
    title: t.string({
      resolve: ({ kind, project, name }, _, { db, library }) => {
        if (kind === 'app') return library.app(project, name)?.title ?? name
        const task = db.read((tx) => catalogue.taskRow(tx, name))
        return task ? `${task.title} #${task.number}` : name
      },
    }),
    until: t.field({ type: 'DateTime', nullable: true, resolve: ({ until }) => until }),
  }),
})
export const AlertSettings = builder.objectRef<Shape>('AlertSettings').implement({
  description: 'How a person is told of what needs them.',
  fields: (t) => ({
    channels: t.field({
      type: [AlertChannel],
      description: 'In the order they are used; those not used last.',
      resolve: (shape) => channelsOf(shape),
    }),
    chosen: t.boolean({
      description: 'False: nothing was chosen; every linked chat is used at once, e-mail only without one.',
      resolve: ({ settings }) => settings.channels !== null,
    }),
    quiet: t.field({ type: Quiet, nullable: true, resolve: ({ settings }) => settings.quiet }),
    quietUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the quiet hours end that hold now.',
      resolve: ({ settings, person }, _, { now }) => quietUntil(settings.quiet, person.timeZone ?? SERVER_ZONE, now()),
    }),
    timeZone: t.string({
      description: 'In which quiet hours are; the server’s while the person has not said theirs.',
      resolve: ({ person }) => person.timeZone ?? SERVER_ZONE,
    }),
    urgent: t.field({
      type: [Urgent],
      description:
        'What passes quiet hours and waits for no digest: `ESCALATED` while on call, `DEADLINE` what runs out before, `ASKS`, `FAILURES`.',
      resolve: ({ settings }) => [...settings.urgent],
    }),
    digestMin: t.int({
      description: 'Alerts are joined into one message each so many minutes; 0: each by itself.',
      resolve: ({ settings }) => settings.digestMin,
    }),
    mutes: t.field({
      type: [Mute],
      resolve: ({ person }, _, { db, now }) => db.read((tx) => catalogue.mutesOf(tx, person.id, now())),
    }),
    waiting: t.int({
      description: 'Alerts that wait for their time.',
      resolve: ({ person }, _, { db }) => db.read((tx) => catalogue.heldOf(tx, person.id).length),
    }),
  }),
})
export function settingsOf({ db, config }: Context, person: catalogue.Person): Shape {
  return db.read((tx) => ({
    person,
    settings: catalogue.alertSettingsOf(tx, person.id),
    ways: waysOf(tx, person.id, platformsOf(config)),
  }))
}
function channelsOf({ settings, ways }: Shape): ChannelShape[] {
  const names = (channel: string): string[] =>
    ways.filter((way) => way.channel === channel).map(({ place }) => placeOf(place)!.target.replace(/^@/, ''))
  const used =
    settings.channels ?? orderOf({ settings, ways }).map(({ channel, after }) => ({ channel, afterMin: after }))
  const first = new Map<catalogue.Channel, number>()
  for (const { channel, afterMin } of used) if (!first.has(channel)) first.set(channel, afterMin)
  const rest = catalogue.CHANNELS.filter((channel) => !first.has(channel))
  return [
    ...[...first].map(([channel, afterMin]) => ({ channel, afterMin, names: names(channel) })),
    ...rest.map((channel) => ({ channel, afterMin: null, names: names(channel) })),
  ]
}

const ChannelInput = builder.inputType('AlertChannelInput', {
  fields: (t) => ({ channel: t.field({ type: Channel, required: true }), afterMin: t.int({ required: true }) }),
})
const QuietInput = builder.inputType('QuietHoursInput', {
  fields: (t) => ({
    from: t.string({ required: true }),
    to: t.string({ required: true }),
    days: t.intList({ description: 'Absent: every day.' }),
  }),
})
const SettingsInput = builder.inputType('AlertSettingsInput', {
  description: 'What is left out stays as it is.',
  fields: (t) => ({
    channels: t.field({ type: [ChannelInput], description: 'Null: as if nothing had been chosen.' }),
    quiet: t.field({ type: QuietInput, description: 'Null: none.' }),
    urgent: t.field({ type: [Urgent] }),
    digestMin: t.int(),
  }),
})
type Given = typeof SettingsInput.$inferInput

const LONGEST_MIN = 24 * 60
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]
/** @throws INVALID_INPUT */
function changed(before: catalogue.AlertSettings, given: Given): catalogue.AlertSettings {
  const { channels, quiet, urgent, digestMin } = given
  const isMinutes = (value: number, least: number): boolean => value >= least && value <= LONGEST_MIN
  if (channels) {
    if (channels.length === 0) throw badInput('channels', 'REQUIRED', 'Choose at least one channel')
    if (new Set(channels.map(({ channel }) => channel)).size < channels.length)
      throw badInput('channels', 'TWICE', 'A channel can be used once')
    if (channels.some(({ afterMin }) => !isMinutes(afterMin, 0)))
      throw badInput('channels', 'OUT_OF_RANGE', `Use 0 to ${LONGEST_MIN} minutes`)
  }
  if (quiet) {
    if (!isClock(quiet.from) || !isClock(quiet.to))
      throw badInput('quiet', 'NOT_A_TIME', 'Write quiet hours like 22:00 to 07:00')
    const days = quiet.days ?? EVERY_DAY
    if (days.length === 0 || days.some((day) => !EVERY_DAY.includes(day)))
      throw badInput('quiet', 'NOT_A_DAY', 'Days are 1 (Monday) to 7 (Sunday)')
  }
  if (digestMin != null && digestMin !== 0 && !isMinutes(digestMin, 5))
    throw badInput('digestMin', 'OUT_OF_RANGE', `Use 5 to ${LONGEST_MIN} minutes, or 0 for none`)
  return {
    channels:
      channels === undefined ? before.channels : (channels?.toSorted((a, b) => a.afterMin - b.afterMin) ?? null),
    quiet:
      quiet === undefined
        ? before.quiet
        : quiet && { from: quiet.from, to: quiet.to, days: [...new Set(quiet.days ?? EVERY_DAY)].sort() },
    urgent: urgent ? [...new Set(urgent)] : before.urgent,
    digestMin: digestMin ?? before.digestMin,
  }
}

builder.mutationFields((t) => ({
  setAlertSettings: t.field({
    type: AlertSettings,
    description: 'How the viewer is told.',
    args: { input: t.arg({ type: SettingsInput, required: true }) },
    resolve: (_, { input }, context) =>
      act(context, 'setAlertSettings', somebody(context).id, async () => {
        const person = somebody(context)
        await context.db.write((tx) => {
          const settings = changed(catalogue.alertSettingsOf(tx, person.id), input)
          catalogue.setAlertSettings(tx, person.id, settings, context.now())
          // What waits by the old settings is looked at by the new ones.
          catalogue.holdNoLonger(tx, person.id, context.now())
        })
        context.alerts.wake()
        return settingsOf(context, person)
      }),
  }),
  mute: t.field({
    type: AlertSettings,
    description: 'The viewer is not told of an app or a task, for so many minutes or until they take it back.',
    args: { app: t.arg.string(), project: t.arg.string(), taskId: t.arg.id(), minutes: t.arg.int() },
    resolve: (_, { minutes, ...named }, context) =>
      act(context, 'mute', named.taskId ?? named.app ?? null, async () => {
        const person = somebody(context)
        if (minutes != null && (minutes < 1 || minutes > 366 * LONGEST_MIN))
          throw badInput('minutes', 'OUT_OF_RANGE', 'Use 1 minute to a year, or none for as long as you like')
        const what = await mutable(context, named)
        const now = context.now()
        const until = minutes == null ? null : now + minutes * 60_000
        await context.db.write((tx) => catalogue.mute(tx, { person: person.id, ...what, until, createdAt: now }))
        return settingsOf(context, person)
      }),
  }),
  unmute: t.field({
    type: AlertSettings,
    args: { app: t.arg.string(), project: t.arg.string(), taskId: t.arg.id() },
    resolve: (_, { app, project, taskId }, context) =>
      act(context, 'unmute', taskId ?? app ?? null, async () => {
        const person = somebody(context)
        const here = project ?? 'default'
        const shown = app ? (context.library.app(here, app)?.name ?? app) : null // gone since, it is muted by its name
        const task = taskId ? await findTask(context, taskId) : null
        const what =
          shown !== null
            ? { kind: 'app', project: here, name: shown }
            : { kind: 'task', project: '', name: task?.state.id ?? taskId ?? '' }
        const wasMuted = await context.db.write((tx) => catalogue.unmute(tx, { person: person.id, ...what }))
        if (!wasMuted) throw new EngineError('NOT_FOUND', { message: 'This is not muted.' })
        return settingsOf(context, person)
      }),
  }),
}))
/** What somebody names who wants to hear no more of it. @throws NOT_FOUND, also where they may not see it. */
async function mutable(
  context: Context,
  {
    app,
    project,
    taskId,
  }: { app?: string | null | undefined; project?: string | null | undefined; taskId?: string | null | undefined },
): Promise<Pick<catalogue.Mute, 'kind' | 'project' | 'name'>> {
  if (taskId) {
    const task = await taskOf(context, taskId)
    return { kind: 'task', project: '', name: task.state.id }
  }
  const here = project ?? 'default'
  const found = app ? context.library.app(here, app) : undefined
  if (!app) throw badInput('app', 'REQUIRED', 'Name an app or a task')
  if (!found || !appRights(context, found, rightsIn(context, here)).see) throw notFound('app', app)
  return { kind: 'app', project: here, name: found.name }
}
