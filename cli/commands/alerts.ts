import { graphql, type ResultOf } from '../../api/client/index.ts'
import { alertSettings, missedPlace, muteLine } from '../../api/client/parts/alerts.ts'
import { text, UsageError, word } from '../args.ts'
import { clock, table } from '../draw.ts'
import { EXIT } from '../exit.ts'
import type { Command } from '../main.ts'

const TerminalSettings = graphql(
  `
    fragment TerminalSettings on AlertSettings {
      ...AlertSettingsShown
      chosen
      mutes {
        ...MuteLine
      }
    }
  `,
  [alertSettings, muteLine],
)
const ALERTS = graphql(
  `
    query TerminalAlerts {
      viewer {
        alerts {
          ...TerminalSettings
        }
        unreached {
          ...MissedPlace
          place
        }
      }
    }
  `,
  [TerminalSettings, missedPlace],
)
const SET = graphql(
  `
    mutation TerminalSetAlerts($input: AlertSettingsInput!) {
      setAlertSettings(input: $input) {
        ...TerminalSettings
      }
    }
  `,
  [TerminalSettings],
)
const ZONE = graphql(`
  mutation TerminalZone($timeZone: String!) {
    setPreferences(timeZone: $timeZone) {
      timeZone
    }
  }
`)
const MUTE = graphql(
  `
    mutation TerminalMute($app: String, $project: String, $taskId: ID, $minutes: Int) {
      mute(app: $app, project: $project, taskId: $taskId, minutes: $minutes) {
        ...TerminalSettings
      }
    }
  `,
  [TerminalSettings],
)
const UNMUTE = graphql(
  `
    mutation TerminalUnmute($app: String, $project: String, $taskId: ID) {
      unmute(app: $app, project: $project, taskId: $taskId) {
        ...TerminalSettings
      }
    }
  `,
  [TerminalSettings],
)
/** What these commands ask. */
export const DOCUMENTS = { ALERTS, SET, ZONE, MUTE, UNMUTE }
type Settings = ResultOf<typeof TerminalSettings>
type Mine = ResultOf<typeof ALERTS>['viewer']['unreached'][number]

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const URGENT: Readonly<Record<string, string>> = {
  ESCALATED: 'escalation while you are on call',
  DEADLINE: 'what runs out before',
  ASKS: 'whatever asks you',
  FAILURES: 'failures',
}

export const alerts: Command = {
  usage:
    'alerts [--channels telegram,slack:10,email:30 | auto] [--quiet 22:00-07:00 | off] [--days 1-5] [--urgent escalated,deadline,asks,failures | none] [--digest <minutes>] [--zone Asia/Shanghai]',
  about: 'How you are told of what needs you; with flags, changes it. `slack:10`: after ten minutes without an answer.',
  flags: { channels: 'value', quiet: 'value', days: 'value', urgent: 'value', digest: 'value', zone: 'value' },
  async run({ client, world, json, flags }) {
    const given = {
      channels: text(flags, 'channels'),
      quiet: text(flags, 'quiet'),
      days: text(flags, 'days'),
      urgent: text(flags, 'urgent'),
      digest: text(flags, 'digest'),
    }
    const isChange = Object.values(given).some((value) => value !== undefined)
    const zone = text(flags, 'zone')
    if (zone !== undefined) await client.query(ZONE, { timeZone: zone })
    if (isChange) await client.query(SET, { input: inputOf(given) })
    const { viewer } = await client.query(ALERTS)
    if (json) world.out(JSON.stringify(viewer))
    else if (viewer.alerts) for (const line of drawAlerts(viewer.alerts, viewer.unreached, Date.now())) world.out(line)
    return EXIT.ok
  },
}

/** What was typed, as the server takes it. @throws UsageError */
export function inputOf(given: {
  channels?: string | undefined
  quiet?: string | undefined
  days?: string | undefined
  urgent?: string | undefined
  digest?: string | undefined
}) {
  const { channels, quiet, days, urgent, digest } = given
  if (days !== undefined && (quiet === undefined || quiet === 'off'))
    throw new UsageError('--days says on which days quiet hours begin: name --quiet too')
  return {
    ...(channels !== undefined && { channels: channels === 'auto' ? null : channels.split(',').map(channelOf) }),
    ...(quiet !== undefined && {
      quiet: quiet === 'off' ? null : { ...spanOf(quiet), ...(days && { days: daysOf(days) }) },
    }),
    ...(urgent !== undefined && { urgent: urgent === 'none' ? [] : urgent.split(',').map(urgencyOf) }),
    ...(digest !== undefined && { digestMin: digest === 'off' ? 0 : minutesOf(digest) }),
  }
}
const CHANNELS = ['SLACK', 'TELEGRAM', 'EMAIL'] as const
function channelOf(typed: string): { channel: (typeof CHANNELS)[number]; afterMin: number } {
  const [name = '', after = '0'] = typed.trim().split(':')
  const channel = CHANNELS.find((known) => known === name.toUpperCase())
  if (!channel || !/^\d+$/.test(after))
    throw new UsageError(`expected channels like telegram,slack:10,email:30, but got “${typed}”`)
  return { channel, afterMin: Number(after) }
}
function urgencyOf(typed: string): 'ESCALATED' | 'DEADLINE' | 'ASKS' | 'FAILURES' {
  const word = typed.trim().toUpperCase()
  if (word !== 'ESCALATED' && word !== 'DEADLINE' && word !== 'ASKS' && word !== 'FAILURES')
    throw new UsageError(`expected escalated, deadline, asks or failures, but got “${typed}”`)
  return word
}
function spanOf(typed: string): { from: string; to: string } {
  const [, from, to] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(typed.trim()) ?? []
  if (from === undefined || to === undefined)
    throw new UsageError(`expected hours like 22:00-07:00, but got “${typed}”`)
  return { from, to }
}
/** `1-5`, `6,7`: 1 is Monday. */
function daysOf(typed: string): number[] {
  return typed.split(',').flatMap((part) => {
    const [, first, last] = /^([1-7])(?:-([1-7]))?$/.exec(part.trim()) ?? []
    if (first === undefined) throw new UsageError(`expected days like 1-5 or 6,7, but got “${typed}”`)
    const end = Number(last ?? first)
    return Array.from({ length: Math.max(0, end - Number(first) + 1) }, (_, n) => Number(first) + n)
  })
}
/** `90`, `30m`, `2h`, `3d`. @throws UsageError */
export function minutesOf(typed: string): number {
  const [, count, unit = 'm'] = /^(\d{1,6})([mhd]?)$/.exec(typed.trim()) ?? []
  if (count === undefined) throw new UsageError(`expected a time like 30m, 2h or 3d, but got “${typed}”`)
  return Number(count) * { m: 1, h: 60, d: 1440 }[(unit || 'm') as 'm' | 'h' | 'd']
}

/** What `alerts` shows. */
export function drawAlerts(settings: Settings, unreached: readonly Mine[], now: number): string[] {
  const { channels, chosen, quiet, quietUntil, timeZone, urgent, digestMin, mutes, waiting } = settings
  const when = (afterMin: number | null): string =>
    afterMin === null ? 'not used' : afterMin === 0 ? 'at once' : `after ${afterMin} min without an answer`
  const quietly = quiet
    ? `${quiet.from} to ${quiet.to} (${timeZone}), beginning ${quiet.days.length === 7 ? 'every day' : quiet.days.map((day) => DAYS[day - 1]).join(', ')}${quietUntil ? `; quiet now, until ${clock(quietUntil, now)}` : ''}`
    : 'none'
  return [
    ...table(
      channels.map(({ channel, afterMin, names }) => [
        channel.toLowerCase(),
        when(afterMin),
        names.length > 0 ? names.join(', ') : 'nothing is linked',
      ]),
    ),
    ...(chosen ? [] : ['(nothing chosen: every linked chat at once, e-mail without one)']),
    `Quiet hours: ${quietly}`,
    `Passes them: ${urgent.map((one) => URGENT[one] ?? one).join(', ') || 'nothing'}`,
    `Digest: ${digestMin > 0 ? `every ${digestMin} min` : 'no, each by itself'}`,
    ...mutes.map(({ title, until }) => `Muted: ${title}${until ? `, until ${clock(until, now)}` : ''}`),
    ...(waiting > 0 ? [`${waiting} waiting to be told`] : []),
    ...unreached.map(
      ({ platform, name, why, since, count }) =>
        `Not reached by ${platform === 'NONE' ? 'anything' : `${platform.toLowerCase()} ${name}`} since ${clock(since, now)}: ${whyOf(why)} (${count} missed). baton unreached retry me`,
    ),
  ]
}
const WHYS: Readonly<Record<string, string>> = {
  NO_CHANNEL: 'no chat is linked and no address known',
  NO_MAIL_SERVER: 'no mail server is configured now (SMTP_URL)',
}
export const whyOf = (why: string): string => WHYS[why] ?? why

/** An app's name, or a task's number. */
const named = (typed: string): { app?: string; taskId?: string } =>
  /^#?\d+$/.test(typed) ? { taskId: typed } : { app: typed }
export const mute: Command = {
  usage: 'mute <app | #task> [<how long>]',
  about:
    'Tells you nothing of an app or a task, for 30m, 2h or 3d, or until `unmute`. It waits in your inbox all the same.',
  flags: {},
  async run({ client, world, json, project }, parsed) {
    const what = named(word(parsed, 0, 'the app or task'))
    const typed = parsed.words[1]
    const { mute: settings } = await client.query(MUTE, {
      ...what,
      ...(project !== undefined && { project }),
      ...(typed !== undefined && { minutes: minutesOf(typed) }),
    })
    if (json) world.out(JSON.stringify(settings))
    else
      for (const { title, until } of settings.mutes)
        world.out(`Muted: ${title}${until ? `, until ${clock(until, Date.now())}` : ''}`)
    return EXIT.ok
  },
}
export const unmute: Command = {
  usage: 'unmute <app | #task>',
  about: 'Tells you of it again.',
  flags: {},
  async run({ client, world, json, project }, parsed) {
    const what = named(word(parsed, 0, 'the app or task'))
    const { unmute: settings } = await client.query(UNMUTE, { ...what, ...(project !== undefined && { project }) })
    world.out(json ? JSON.stringify(settings) : 'Not muted any more.')
    return EXIT.ok
  },
}
