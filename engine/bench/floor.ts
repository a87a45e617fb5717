import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type Connection } from '../store/connection.ts'
import type { Cell, Statement } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { countdown, cpuUs, median, nowMs, type Value } from './measure.ts'
import { answerAll, approval, launchAll } from './parked.ts'
import { bench, flowOf, remove, sequence, type BenchEngine } from './world.ts'

/** Something said to the file: a statement with its arguments, or text. */
type Said = { readonly sql: string; readonly how: 'run' | 'get' | 'all'; readonly args: readonly Cell[] } | string

/** A connection that writes down what is said through it, in order. */
function recording(path: string, said: Said[]): Connection {
  const connection = connect(path)
  const recorded = (sql: string): Statement => {
    const statement = connection.prepare(sql)
    return {
      run: (args = []) => (said.push({ sql, how: 'run', args }), statement.run(args)),
      get: (args = []) => (said.push({ sql, how: 'get', args }), statement.get(args)),
      all: (args = []) => (said.push({ sql, how: 'all', args }), statement.all(args)),
    }
  }
  return {
    ...connection,
    get inTransaction() {
      return connection.inTransaction
    },
    prepare: recorded,
    exec: (sql) => (said.push(sql), connection.exec(sql)),
  }
}

/** Says the same to an empty file, with nothing else done: what is left of the engine when it costs nothing. */
function repeat(before: readonly Said[], measured: readonly Said[]): { readonly tookMs: number; readonly cpu: number } {
  const file = join(mkdtempSync(join(tmpdir(), 'baton-bench-')), 'baton.db')
  const connection = connect(file)
  migrate(connection)
  const say = (said: readonly Said[]): void => {
    for (const each of said) {
      if (typeof each === 'string') connection.exec(each)
      else connection.prepare(each.sql)[each.how](each.args)
    }
  }
  say(before)
  const [begin, cpu] = [nowMs(), cpuUs()]
  say(measured)
  const took = { tookMs: nowMs() - begin, cpu: cpuUs() - cpu }
  connection.close()
  remove(file)
  return took
}

interface Run {
  readonly prepare?: (world: BenchEngine, onEnd: (hit: () => void) => void) => Promise<void>
  readonly measured: (world: BenchEngine, onEnd: (hit: () => void) => void) => Promise<void>
  /** Which of its commits count; without it all. */
  readonly counts?: (commit: readonly Said[]) => boolean
}
/** The statements of a part of a workload, in the order and commits in which the engine made them. */
async function statementsOf({ prepare, measured, counts }: Run): Promise<{ before: Said[]; measured: Said[] }> {
  const said: Said[] = []
  let hit: () => void = () => {}
  const world = await bench({
    flows: [flowOf('asked', approval), flowOf('ten', sequence(10)), flowOf('forty', sequence(40))],
    onEnd: () => hit(),
    connect: (path) => recording(path, said),
  })
  said.length = 0 // the migrations are repeated as such
  await prepare?.(world, (told) => (hit = told))
  const before = said.splice(0)
  await measured(world, (told) => (hit = told))
  const during = said.splice(0)
  await world.close()
  remove(world.file)
  return { before, measured: counts ? commitsOf(during).filter(counts).flat() : during }
}
/** Each with what was read for it. */
function commitsOf(said: readonly Said[]): Said[][] {
  const commits: Said[][] = [[]]
  for (const each of said) {
    commits.at(-1)!.push(each)
    if (each === 'COMMIT') commits.push([])
  }
  return commits
}
const isLaunch = (commit: readonly Said[]): boolean =>
  commit.some((each) => typeof each !== 'string' && each.sql.startsWith('INSERT INTO launch_keys'))

/** Launches `count` tasks, each when the one before has ended. */
async function oneByOne(world: BenchEngine, count: number, first: number, onEnd: (hit: () => void) => void) {
  for (let i = 0; i < count; i++) {
    const end = countdown(1)
    onEnd(end.hit)
    await world.launch('forty', first + i)
    await end.done
  }
}

const ALONE = 100
const PARKED = 10_000
const TASKS = 1_000
/** What W1's start, W2 and W4 are held to: each metric with its run and with how many things that run does. */
const FLOORS: { readonly [metric: string]: { readonly of: number; readonly run: Run } } = {
  floor_starts: {
    of: ALONE,
    run: {
      prepare: (world, onEnd) => oneByOne(world, ALONE, 0, onEnd),
      measured: (world, onEnd) => oneByOne(world, ALONE, ALONE, onEnd),
      counts: isLaunch,
    },
  },
  floor_nodes: {
    of: TASKS * 10,
    run: {
      async measured(world, onEnd) {
        const end = countdown(TASKS)
        onEnd(end.hit)
        for (let i = 0; i < TASKS; i++) void world.launch('ten', i)
        await end.done
      },
    },
  },
  floor_parks: { of: PARKED, run: { measured: (world) => launchAll(world, 'asked', PARKED) } },
  floor_drain: {
    of: PARKED,
    run: {
      prepare: (world) => launchAll(world, 'asked', PARKED),
      async measured(world, onEnd) {
        const end = countdown(PARKED)
        onEnd(end.hit)
        await answerAll(world, PARKED, 0)
        await end.done
      },
    },
  },
}

/**
 * The floors: how fast W1's start, W2 and W4 would be on this machine if the engine itself took no time, only its statements and commits.
 * What a goal asks beyond a floor, no work on the engine can give.
 */
export async function floors(rounds = 3): Promise<Value[]> {
  const values: Value[] = []
  for (const [metric, { of, run }] of Object.entries(FLOORS)) {
    const { before, measured } = await statementsOf(run)
    const took = Array.from({ length: rounds }, () => repeat(before, measured))
    const settings = { n: of, statements: measured.length, rounds }
    const value = (name: string, unit: Value['unit'], each: (one: (typeof took)[0]) => number): Value => ({
      workload: 'W0',
      metric: `${metric}${name}`,
      value: median(took.map(each)),
      unit,
      settings,
    })
    values.push(
      value('_per_s', '1/s', ({ tookMs }) => (of * 1000) / tookMs),
      value('_cpu_us', 'µs', ({ cpu }) => cpu / of),
    )
  }
  return values
}
