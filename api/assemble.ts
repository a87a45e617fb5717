import type { Hono } from 'hono'
import {
  catalogue,
  createEngine,
  createRegistry,
  keysOf,
  timeoutAlarms,
  type Alarms,
  type Database,
  type Engine,
  type EngineOptions,
  type FileStore,
  type Plugin,
} from '../engine/index.ts'
import { createAccess } from './access.ts'
import { watchStanding } from './auth/standing.ts'
import { createApp, type AppOptions } from './app.ts'
import { createChanges } from './changes.ts'
import type { Deps, PluginProblem, ServerConfig } from './context.ts'
import { createDeliverer, createProgressTeller } from './delivery/deliver.ts'
import { createHub } from './delivery/hub.ts'
import { platformsOf } from './delivery/reach.ts'
import { createReleaser } from './delivery/release.ts'
import { createLibrary } from './library.ts'
import type { Log } from './log.ts'
import { createHostProber, type HostProbe } from './modules/host/prober.ts'
import { watchAsks } from './modules/ask/people-changed.ts'
import { createStandInClock } from './modules/ask/stand-in-clock.ts'
import { createScheduler } from './modules/schedule/scheduler.ts'
import { engineServices } from './services.ts'

export interface Assembling {
  readonly db: Database
  /** 32 bytes: seals secrets, signs callback addresses and digests. */
  readonly key: Uint8Array
  readonly plugins: readonly Plugin[]
  readonly pluginSources?: ReadonlyMap<Plugin, string>
  readonly pluginProblems?: readonly PluginProblem[]
  /** Where files are kept. Absent: nowhere. */
  readonly files?: FileStore
  readonly config: ServerConfig
  readonly log: Log
  readonly scanHost: Deps['scanHost']
  readonly probeHost: HostProbe
  readonly now?: () => number
  /** What wakes schedules, alerts that wait, and stand-ins. Timeouts, unless said: a Durable Object brings its one alarm. */
  readonly alarms?: Alarms
  readonly mask?: (secret: string) => void
  readonly telegramBot?: () => string | null
  readonly firstOwner?: Deps['firstOwner']
  readonly doors?: AppOptions
  readonly engine?: Partial<EngineOptions>
}
export interface Assembled {
  readonly app: Hono
  readonly engine: Engine
  readonly deps: Deps
  /** Ends what runs beside requests. The engine is stopped by whoever started it. */
  close(): void
}

/** Wires engine, catalogue and doors, alike for every runtime and for tests. Nothing has started yet. */
export function assemble(options: Assembling): Assembled {
  const { db, key, plugins, config, log, scanHost } = options
  const now = options.now ?? Date.now
  const keys = keysOf(key)
  const hub = createHub()
  const changes = createChanges()
  const access = createAccess()
  const directory = catalogue.createDirectory(db, now)
  const library = createLibrary(db, createRegistry(plugins))
  const connected = platformsOf(config)
  const platforms = (): ReadonlySet<string> => connected
  const progress = createProgressTeller((work) => db.write(work), hub, now)
  const telling = {
    library,
    directory,
    hub,
    url: config.url,
    platforms,
    ...(config.language && { language: config.language }),
  }
  const alarms = options.alarms ?? timeoutAlarms(now)
  const alerts = createReleaser({ ...telling, db, now, log, alarms })
  const mask = options.mask ?? (() => undefined)
  const services = engineServices({ db, keys, library, directory, platforms, now, mask })
  const prober = createHostProber({ db, loadHost: services.loadHost, probe: options.probeHost, now, log })
  const statistics = catalogue.createStatistics(db)
  const titles = catalogue.createTitleIndexing(db)
  const deliver = createDeliverer({ ...telling, onHeld: alerts.wake })
  const scheduler = createScheduler(() => deps, alarms)
  const standIns = createStandInClock(() => deps, alarms)
  const engine = createEngine({
    db,
    plugins,
    directory,
    key,
    baseUrl: config.url,
    log,
    now,
    frozen: library.frozen,
    onMessage: (tx, message) => {
      deliver(tx, message)
      scheduler.hear(tx, message)
      if (message.ended) statistics.note(message.ended)
    },
    onChange: ({ id }) => {
      changes.publish(id)
      if (connected.size > 0) progress.changed(id)
    },
    ...services,
    ...(options.files && { files: options.files }),
    ...options.engine,
  })
  const deps: Deps = {
    db,
    engine,
    plugins,
    pluginSources: options.pluginSources ?? new Map(),
    pluginProblems: options.pluginProblems ?? [],
    files: options.files ?? null,
    library,
    directory,
    keys,
    hub,
    alerts,
    standIns,
    changes,
    access,
    log,
    now,
    config,
    telegramBot: options.telegramBot ?? (() => null),
    scanHost,
    prober,
    scheduler,
    statistics,
    titles,
    ...(options.firstOwner && { firstOwner: options.firstOwner }),
  }
  const stopWatching = watchStanding(deps)
  const stopWatchingAsks = watchAsks(deps)
  const close = (): void => {
    stopWatching()
    stopWatchingAsks()
    progress.stop()
    alerts.stop()
    titles.stop()
    standIns.stop()
    prober.close()
    void scheduler.stop()
  }
  alerts.wake() // what waited while nothing ran
  void titles.catchUp()
  return { app: createApp(deps, options.doors ?? {}), engine, deps, close }
}
