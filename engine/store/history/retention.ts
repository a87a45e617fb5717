import { SYSTEM } from '../../core/state.ts'
import { addAudit } from '../catalogue/audit.ts'
import type { Cell, Database, Row } from '../database.ts'
import type { Keys } from '../seal.ts'
import type { TaskStore } from '../task-store.ts'
import { headOf, pack, recordedOf, type Archive } from './archive.ts'
import { aboutOf } from './export.ts'
import { sqlTitles } from '../titles.ts'
import type { Heads } from './heads.ts'

/** How long a project keeps what has ended, in days; null: for ever. The audit is kept for ever. */
export interface Keep {
  readonly tasksDays: number | null
  readonly logsDays: number | null
  /** Sums by day, of steps and of whole tasks. */
  readonly statisticsDays: number | null
}
const DEFAULT_KEEP: Keep = { tasksDays: 180, logsDays: 30, statisticsDays: 730 }
/** Values of secret variables are of no use to a task that has ended; a run that continues it within a week still has them. */
const SECRETS_DAYS = 7
const DAY_MS = 86_400_000
/** A history that has not moved for this long is signed as it stands. */
const STANDING_MS = 3_600_000
/** Tasks looked at in one go; what is left waits for the next. */
const AT_ONCE = 100
const STATISTICS_AT_ONCE = 5_000
const FINAL = ['succeeded', 'failed', 'revoked']
const MOVING = ['created', 'requested', 'queued', 'running', 'waiting', 'attention', 'paused']

export interface RetentionServices {
  readonly db: Database
  readonly store: TaskStore
  readonly heads: Heads
  readonly archive: Archive
  readonly keys: Keys
  readonly now: () => number
  /** Whether a task is in memory: somebody is at it. */
  readonly isLive: (taskId: string) => boolean
  readonly log: { info(o: object, m?: string): void; error(o: object, m?: string): void }
}
export interface Swept {
  readonly secrets: number
  readonly logs: number
  readonly archived: number
  /** Rows of statistics. */
  readonly statistics: number
  readonly signed: number
}

export function keepOf(db: Pick<Database, 'prepare'>, project: string): Keep {
  const row = db
    .prepare('SELECT tasks_days, logs_days, statistics_days FROM retention WHERE project = ?')
    .get([project])
  if (!row) return DEFAULT_KEEP
  const [tasksDays, logsDays, statisticsDays] = row as (number | null)[]
  return { tasksDays: tasksDays ?? null, logsDays: logsDays ?? null, statisticsDays: statisticsDays ?? null }
}
/** Call inside `write`. */
export const setKeep = (
  db: Pick<Database, 'prepare'>,
  project: string,
  { tasksDays, logsDays, statisticsDays }: Keep,
): void =>
  void db
    .prepare(
      'INSERT INTO retention (project, tasks_days, logs_days, statistics_days) VALUES (?, ?, ?, ?) ON CONFLICT (project) DO UPDATE SET tasks_days = excluded.tasks_days, logs_days = excluded.logs_days, statistics_days = excluded.statistics_days',
    )
    .run([project, tasksDays, logsDays, statisticsDays])

/** Projects that are kept alike: one of its own settings, or all others. */
interface Group {
  readonly name: string
  readonly where: string
  readonly args: readonly Cell[]
  readonly keep: Keep
}

/**
 * Puts away what has ended long ago, a little at a time. It walks the lists by phase and last change and remembers how far it
 * came, so that it costs what there is to put away, not what there is.
 */
export class Retention {
  readonly #services: RetentionServices
  #anchoredAt = 0
  /** By group and phase: behind the oldest that could not be put away. Forgotten once the list has been walked to its end. */
  readonly #behind = new Map<string, number>()
  constructor(services: RetentionServices) {
    this.#services = services
  }

  async sweep(): Promise<Swept> {
    const swept = { secrets: 0, logs: 0, archived: 0, statistics: 0, signed: 0 }
    for (const group of this.#groups()) {
      const { tasksDays, logsDays, statisticsDays } = group.keep
      swept.secrets += await this.#each(`secrets ${group.name}`, group, FINAL, SECRETS_DAYS, DROP_SECRETS)
      if (logsDays !== null) swept.logs += await this.#each(`logs ${group.name}`, group, FINAL, logsDays, DROP_LOGS)
      if (tasksDays !== null) swept.archived += await this.#archive(group, tasksDays)
      if (statisticsDays !== null) swept.statistics += await this.#dropStatistics(group, statisticsDays)
    }
    swept.signed = await this.#signStanding()
    await this.#anchor()
    return swept
  }

  #groups(): Group[] {
    const own = this.#services.db.prepare('SELECT project, tasks_days, logs_days, statistics_days FROM retention').all()
    const names = own.map(([project]) => project as string)
    return [
      ...own.map(([project, tasksDays, logsDays, statisticsDays]): Group => ({
        name: project as string,
        where: 'project = ?',
        args: [project as string],
        keep: {
          tasksDays: tasksDays as number | null,
          logsDays: logsDays as number | null,
          statisticsDays: statisticsDays as number | null,
        },
      })),
      {
        name: '*',
        where: `project NOT IN (${names.map(() => '?').join(', ')})`,
        args: names,
        keep: DEFAULT_KEEP,
      },
    ]
  }

  /** Sums of days before then, so many rows in one go. */
  async #dropStatistics({ where, args }: Group, days: number): Promise<number> {
    const { db, now } = this.#services
    const before = Math.floor(now() / DAY_MS) - days
    const old = `SELECT rowid FROM statistics WHERE ${where} AND day < ? LIMIT ${STATISTICS_AT_ONCE}`
    if (db.prepare(old).get([...args, before]) === undefined) return 0
    return db.write(() => db.prepare(`DELETE FROM statistics WHERE rowid IN (${old})`).run([...args, before]).changes)
  }

  /** Runs `drop` for each task that last changed before then and has not been looked at. Returns for how many. */
  async #each(
    pass: string,
    group: Group,
    phases: readonly string[],
    days: number,
    drop: readonly string[],
  ): Promise<number> {
    const { db } = this.#services
    let count = 0
    for (const phase of phases) {
      const rows = this.#old(this.#reached(pass, phase), group, phase, this.#services.now() - days * DAY_MS)
      if (rows.length === 0) continue
      const statements = drop.map((text) => db.prepare(text))
      count += await db.write(() => {
        const dropped = rows.filter(([id]) => statements.some((one) => one.run([id as string]).changes > 0)).length
        this.#note(pass, phase, rows)
        return dropped
      })
    }
    return count
  }

  async #archive(group: Group, days: number): Promise<number> {
    const { isLive, log } = this.#services
    let count = 0
    for (const phase of FINAL) {
      const pass = `${group.name} ${phase}`
      const rows = this.#old(this.#behind.get(pass) ?? 0, group, phase, this.#services.now() - days * DAY_MS)
      let put = 0
      for (const row of rows) {
        const id = row[0] as string
        if (isLive(id)) continue
        try {
          if (await this.#putAway(id)) put++
        } catch (error) {
          log.error({ task: id, error: String(error) }, 'a task could not be put into the archive')
        }
      }
      // What was put away is in no list any more. What could not be must not stand in the way of all that is younger.
      if (rows.length < AT_ONCE) this.#behind.delete(pass)
      else if (put < rows.length) this.#behind.set(pass, nextOf(rows))
      count += put
    }
    return count
  }

  /** One task, in one commit. False: it is not as it was when it was read, or somebody still wants something of it. */
  async #putAway(id: string): Promise<boolean> {
    const { db, store, archive, now, isLive } = this.#services
    const indexed = db.prepare(`SELECT ${INDEX} FROM task_index WHERE id = ?`)
    const row = indexed.get([id])
    const entries = store.stored(id, 0, -1)
    if (!row || entries.length === 0) return false
    const { version } = headOf(entries)
    const body = pack(entries)
    const [launched] = recordedOf(entries[0]!).events
    return db.write(() => {
      const wanted = WANTED.some((text) => db.prepare(text).get([id]))
      if (wanted || isLive(id) || indexed.get([id])?.[1] !== row[1] || store.load(id)?.head.version !== version)
        return false
      archive.put(
        {
          id,
          number: row[2] as number,
          project: row[3] as string,
          version,
          endedAt: (row[11] as number | null) ?? (row[10] as number),
          archivedAt: now(),
          about: aboutOf(row),
        },
        body,
      )
      sqlTitles(db).dropped(row[2] as number, row[4] as string)
      for (const text of [...DROP_SECRETS, ...DROP_LOGS, ...DROP_TASK]) db.prepare(text).run([id])
      if (launched?.kind === 'task_launched' && launched.key !== null)
        db.prepare('DELETE FROM launch_keys WHERE project = ? AND client = ? AND key = ?').run([
          launched.project,
          launched.client,
          launched.key,
        ])
      return true
    })
  }

  /** Tasks that wait for long are signed at their end only; until then this is what a cut-off end shows against. */
  async #signStanding(): Promise<number> {
    const { db, store, heads, now } = this.#services
    const everything: Group = { name: '*', where: '1', args: [], keep: DEFAULT_KEEP }
    let count = 0
    for (const phase of MOVING) {
      const rows = this.#old(this.#reached('signed', phase), everything, phase, now() - STANDING_MS)
      if (rows.length === 0) continue
      const standing = rows.map(([id]) => [id as string, store.load(id as string)?.head] as const)
      count += await db.write(() => {
        let signed = 0
        for (const [id, head] of standing) {
          if (!head || (heads.of(id).at(-1)?.version ?? 0) >= head.version) continue
          heads.add(id, head, now())
          signed++
        }
        this.#note('signed', phase, rows)
        return signed
      })
    }
    return count
  }

  /** The newest signature of a head goes into the audit and the process's log: then a cut-off end of all of it shows too. */
  async #anchor(): Promise<void> {
    const { db, heads, keys, log, now } = this.#services
    const at = now()
    if (at - this.#anchoredAt < STANDING_MS) return
    this.#anchoredAt = at
    const last = heads.last()
    const noted = db.prepare("SELECT value FROM counters WHERE name = 'heads anchored'").get()?.[0] ?? 0
    if (last.id === noted) return
    await db.write((tx) => {
      addAudit(
        tx,
        { at, by: SYSTEM, what: 'signHistory', allowed: true, detail: { heads: last.id, mac: last.mac } },
        keys.audit,
      )
      this.#set('heads anchored', last.id)
    })
    log.info({ heads: last.id, mac: last.mac }, 'history signed')
  }

  /** Oldest change first. All that changed within one millisecond comes together, however many: so each go comes further. */
  #old(from: number, { where, args }: Group, phase: string, before: number): readonly Row[] {
    const { db } = this.#services
    const columns = 'SELECT id, updated_at FROM task_index WHERE phase = ?'
    const rows = db
      .prepare(`${columns} AND updated_at >= ? AND updated_at < ? AND ${where} ORDER BY updated_at LIMIT ${AT_ONCE}`)
      .all([phase, from, before, ...args])
    const [first, last] = [rows[0]?.[1] as number, rows.at(-1)?.[1] as number]
    return rows.length < AT_ONCE || first !== last
      ? rows
      : db.prepare(`${columns} AND updated_at = ? AND ${where}`).all([phase, first, ...args])
  }
  #reached(pass: string, phase: string): number {
    const row = this.#services.db.prepare('SELECT value FROM counters WHERE name = ?').get([`kept ${pass} ${phase}`])
    return (row?.[0] as number | undefined) ?? 0
  }
  #note(pass: string, phase: string, rows: readonly Row[]): void {
    this.#set(`kept ${pass} ${phase}`, nextOf(rows))
  }
  #set(name: string, value: number): void {
    this.#services.db
      .prepare(
        'INSERT INTO counters (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      )
      .run([name, value])
  }
}

/** Where the next go begins: at the last change again, since more may have changed within it, unless all of it was here. */
function nextOf(rows: readonly Row[]): number {
  const [first, last] = [rows[0]![1] as number, rows.at(-1)![1] as number]
  return rows.length < AT_ONCE || first === last ? last + 1 : last
}

const INDEX =
  'id, version, number, project, title, flow, app, phase, outcome, started_by, created_at, ended_at, rehearsal'
const DROP_SECRETS = ['DELETE FROM task_secrets WHERE task = ?']
const DROP_LOGS = ['DELETE FROM logs WHERE task = ?']
/** Buttons before their cards, cards before the list that names them. */
const DROP_TASK = [
  'DELETE FROM journal WHERE task = ?',
  'DELETE FROM snapshots WHERE task = ?',
  'DELETE FROM timers WHERE task = ?',
  'DELETE FROM inbox WHERE task = ?',
  'DELETE FROM callback_tokens WHERE task = ?',
  'DELETE FROM letter_counters WHERE task = ?',
  'DELETE FROM buttons WHERE card_id IN (SELECT id FROM cards WHERE task_id = ?)',
  'DELETE FROM deliveries WHERE card_id IN (SELECT id FROM cards WHERE task_id = ?)',
  'DELETE FROM cards WHERE task_id = ?',
  'DELETE FROM held_alerts WHERE task_id = ?',
  "DELETE FROM mutes WHERE kind = 'task' AND name = ?",
  'DELETE FROM needs WHERE task = ?',
  'DELETE FROM followers WHERE task = ?',
  'DELETE FROM task_index WHERE id = ?',
]
/** What still waits for the task, or in it. */
const WANTED = [
  'SELECT 1 FROM awake WHERE task = ?',
  'SELECT 1 FROM outbox WHERE task = ?',
  'SELECT 1 FROM letters WHERE task = ?',
  "SELECT 1 FROM inbox WHERE task = ? AND state = 'new'",
]
