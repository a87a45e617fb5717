import type { catalogue, Database, Engine, FileStore, Keys, Plugin } from '../engine/index.ts'
import type { Library } from './library.ts'
import type { Log } from './log.ts'
import type { Language } from './texts.ts'
import type { Access } from './access.ts'
import type { DeliveryHub } from './delivery/hub.ts'
import type { Releaser } from './delivery/release.ts'
import type { StandInClock } from './modules/ask/stand-in-clock.ts'
import type { AtOnceLimits } from './auth/at-once.ts'
import type { CompanyConfig } from './auth/company.ts'
import type { Guard } from './auth/limit.ts'
import type { Changes } from './changes.ts'
import type { Who } from './auth/who.ts'
import type { HostProber } from './modules/host/prober.ts'
import type { Scheduler } from './modules/schedule/scheduler.ts'
import type { HostScanner } from './modules/host/scan.ts'

/** What the server is and has, handed in by the composition root. */
export interface Deps {
  readonly db: Database
  readonly engine: Engine
  readonly plugins: readonly Plugin[]
  /** Where third-party plugins came from; those that ship with Baton are not in it. */
  readonly pluginSources: ReadonlyMap<Plugin, string>
  /** What was configured and could not be used. */
  readonly pluginProblems: readonly PluginProblem[]
  /** Null: files are not kept here. */
  readonly files: FileStore | null
  readonly library: Library
  readonly directory: catalogue.LiveDirectory
  readonly keys: Keys
  readonly hub: DeliveryHub
  readonly statistics: catalogue.Statistics
  /** What tasks are found by when a part of their title is looked for. */
  readonly titles: catalogue.TitleIndexing
  /** Tells people what has waited for its time. */
  readonly alerts: Releaser
  /** Tells who stands in for whom when that begins and ends. */
  readonly standIns: StandInClock
  readonly config: ServerConfig
  readonly log: Log
  readonly now: () => number
  readonly scanHost: HostScanner
  readonly prober: HostProber
  /** Launches what is due. */
  readonly scheduler: Scheduler
  readonly changes: Changes
  readonly access: Access
  /** Name of the Telegram bot, once it is known. */
  readonly telegramBot: () => string | null
  /** Called once the first owner has come in: example mode puts them into its business roles. */
  readonly firstOwner?: (person: catalogue.Person) => Promise<void>
}
/** A plugin that was left out, and why. */
export interface PluginProblem {
  /** The package or folder, as configured. */
  readonly source: string
  readonly code: string | null
  readonly version: string | null
  /** For whoever configured it. */
  readonly problem: string
}
export interface ServerConfig {
  readonly url: string
  readonly version: string
  readonly slack: boolean
  readonly telegram: boolean
  /** Whether people can be told by e-mail. */
  readonly mail?: boolean
  /** Of rooms, and of people who have not said theirs; English if absent. */
  readonly language?: Language
  readonly exampleMode: boolean
  /** Verifies Mini App sign-ins. */
  readonly telegramBotToken: string | null
  readonly telegramInitDataKey: string | null
  /** Absent: nobody signs in at their company's. */
  readonly company?: CompanyConfig
  /** What is not said is as `AT_ONCE` has it. */
  readonly atOnce?: Partial<AtOnceLimits>
}
/** One request. */
export interface Context extends Deps {
  readonly who: Who
  readonly codes: Guard
  /** Network address, or what stands for it: whose share of tries is used up. */
  readonly caller: string
  /** Aborts when the caller has gone. */
  readonly signal?: AbortSignal
  /** Who it is now: sessions end and roles change while a subscription lasts. */
  readonly recheck: () => Who
  /** Cookies to set with the answer. */
  readonly cookies: string[]
}
export type { Who }
