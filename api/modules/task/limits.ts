import { catalogue, EngineError } from '../../../engine/index.ts'
import { somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import type { AppView } from '../../library.ts'

const LIVE = ['created', 'requested', 'queued', 'running', 'waiting', 'attention', 'paused']
const HOUR_MS = 3_600_000

/** One launch on its way: no list knows it yet, and those that come at the same moment must not all find room. */
interface OnItsWay {
  readonly app: string
  readonly person: string
  /** The same key is the same task. */
  readonly key: string | null
}
const ON_THEIR_WAY = new WeakMap<object, Set<OnItsWay>>()

/**
 * Launches where the app's `limits` leave room: tasks of a person that are under way, requests among them, and launches in an hour.
 * @throws BUSY, RATE_LIMITED
 */
export async function withinLimits<T>(
  context: Context,
  app: AppView,
  key: string | null,
  launch: () => Promise<T>,
): Promise<T> {
  const { perPerson, perHour } = app.spec.limits ?? {}
  if (perPerson === undefined && perHour === undefined) return launch()
  const others = ON_THEIR_WAY.get(context.db) ?? new Set<OnItsWay>()
  ON_THEIR_WAY.set(context.db, others)
  const mine: OnItsWay = { app: `${app.project}/${app.name}`, person: somebody(context).id, key }
  const beside = [...others].filter((one) => one.app === mine.app && (key === null || one.key !== key))
  const listed = (filter: catalogue.TaskFilter): number =>
    context.db.read((tx) => catalogue.countTasks(tx, { project: app.project, app: app.name, roots: true, ...filter }))
  if (perPerson !== undefined) {
    const coming = beside.filter(({ person }) => person === mine.person).length
    if (coming + listed({ startedBy: mine.person, phases: LIVE }) >= perPerson)
      throw new EngineError('BUSY', {
        message: `You have ${perPerson} of ${app.title} running already. Wait for one to end.`,
      })
  }
  if (perHour !== undefined && beside.length + listed({ createdAfter: context.now() - HOUR_MS }) >= perHour)
    throw new EngineError('RATE_LIMITED', {
      message: `${app.title} is launched at most ${perHour} times an hour.`,
      retryAfterS: 600,
    })
  others.add(mine)
  try {
    return await launch()
  } finally {
    others.delete(mine)
  }
}
