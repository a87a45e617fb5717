/** The composition root on Node: the one place that sees everything and wires it. Run by `npm start`. */
import '../../engine/runtime/node-heap.ts'
import { existsSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { Logger } from 'pino'
import {
  catalogue,
  folderFiles,
  LockedError,
  openDatabase,
  steadyClock,
  type Database,
  type Tx,
} from '../../engine/index.ts'
import { builtInPlugins, probeHost, scanHostKey } from '../../plugins/index.ts'
import { assemble } from '../assemble.ts'
import { whyNoNewcomer } from '../auth/company.ts'
import { lookAfterStart } from '../auth/standing.ts'
import type { Deps } from '../context.ts'
import { refreshDocuments } from '../modules/document/document.ts'
import { startBots, type Bots } from './bots.ts'
import { ConfigError, readConfig, type Config } from './config.ts'
import { openData, openKey, type DataFolder } from './data.ts'
import { listen } from './listen.ts'
import { sweepFiles } from './file-sweep.ts'
import { createLog } from './log.ts'
import { pinnedFetch } from './pinned-fetch.ts'
import { loadPlugins } from './plugins.ts'
import { applyExampleHosts, applyExamples, joinExampleRoles } from './seed.ts'
import { staticFiles } from './static.ts'
import { containStrays } from './strays.ts'

export interface Baton {
  readonly url: string
  /** One-time link; null once an owner has signed in. */
  readonly ownerLink: string | null
  /** Takes no more requests, ends what can be ended, detaches the rest, closes. */
  stop(): Promise<void>
}
const EXAMPLE_HOSTS = ['build-1', 'web-1', 'web-2']

/** @throws ConfigError where whoever signs in at the company's could not be given the role that was set for them. */
function checkNewcomers(db: Database, role: string): void {
  const why = db.read((tx) => whyNoNewcomer(tx, role))
  if (why === null) return
  const known = db.read((tx) => catalogue.rightsRolesIn(tx, 'default'))
  const names = known.filter(({ rights }) => !rights.includes('manage-people')).map(({ name }) => name)
  throw new ConfigError(
    why === 'too_much'
      ? `OIDC_ROLE: expected a role that may be everybody’s, but ${role} manages people`
      : `OIDC_ROLE: expected ${names.join(', ')}, or a RightsRole of the project default, but there is no ${role}. Apply it first, without OIDC_ROLE`,
  )
}
/** @throws ConfigError, LockedError with one clear line. */
export async function startBaton(
  config: Config,
  say: (line: string) => void = (line) => void process.stdout.write(`${line}\n`),
): Promise<Baton> {
  const umask = process.umask(0o077) // whatever is made in the data folder is for this user alone
  const { log, masking } = createLog(config.logLevel)
  const now = steadyClock({
    wall: () => Date.now(),
    elapsed: () => performance.now(),
    wentBack: (byMs) =>
      log.warn({ byMs }, 'the machine’s clock was set back; Baton’s runs on, a tenth slower, until that has caught up'),
  })
  for (const value of [
    config.slack?.botToken,
    config.slack?.signingSecret,
    config.slack?.appToken,
    config.telegram?.botToken,
    config.telegram?.webhookSecret,
    config.smtpUrl,
    config.company?.clientSecret,
  ])
    masking.add(value)
  const data = openData(config.data)
  const key = openKey(config.data, config.key)
  masking.add(Buffer.from(key).toString('base64'))
  const db = openDatabase(data.database, {
    onOutage: seldom((error) =>
      log.error(
        { err: error },
        'nothing can be recorded now: whoever asks is told to try again, what runs goes on and is recorded as soon as it can be',
      ),
    ),
    onDamage: ({ frames, isCertain }) =>
      log.error(
        { frames },
        isCertain
          ? 'the end of the database’s log is damaged: what was recorded last is lost'
          : 'the last record in the database’s log is not whole: if the machine or Baton was ended while writing it, nothing is missing; else one record is',
      ),
  })
  const closers: (() => unknown)[] = [() => process.umask(umask), () => db.close(), containStrays(log)]
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  try {
    if (config.company?.role != null) checkNewcomers(db, config.company.role)
    const listener = await listen(config)
    closers.push(() => listener.close())
    const url = config.url ?? listener.url
    let bots: Bots | null = null
    let isReady = false
    const files = folderFiles(data.files)
    const pinned = pinnedFetch({ allow: config.allowAddresses })
    closers.push(() => pinned.close())
    const builtIn = builtInPlugins({ smtpUrl: config.smtpUrl, ...(config.localScript && { local: {} }) })
    const loaded = await loadPlugins(config.plugins, { log, builtIn, remembered: data.remotes })
    for (const { source, problem } of loaded.problems) say(`Plugin ${source} is left out: ${problem}`)
    const assembled = assemble({
      db,
      key,
      now,
      plugins: [...builtIn, ...loaded.plugins],
      pluginSources: loaded.sources,
      pluginProblems: loaded.problems,
      files,
      engine: { fetch: pinned.fetch, allowAddresses: config.allowAddresses },
      log,
      mask: masking.add,
      scanHost: scanHostKey,
      probeHost,
      config: {
        url,
        version: versionOf(),
        slack: config.slack !== null,
        telegram: config.telegram !== null,
        mail: config.smtpUrl !== null,
        language: config.language,
        exampleMode: hasExamples(config, data),
        telegramBotToken: config.telegram?.botToken ?? null,
        telegramInitDataKey: config.initDataKey,
        ...(config.company && { company: config.company }),
        atOnce: config.atOnce,
      },
      telegramBot: () => bots?.telegramName ?? null,
      firstOwner: async (person) => {
        await db.write((tx) => joinExampleRoles(tx, person.id))
        assembled.deps.directory.refresh()
        assembled.deps.access.changed([person.id])
      },
      doors: {
        web: staticFiles(config.web),
        slack: () => bots?.slack,
        telegram: () => bots?.telegram,
        ready: () => isReady,
      },
    })
    const { app, engine, deps } = assembled
    closers.push(() => assembled.close())
    if (deps.config.exampleMode) closers.push(await prepareExamples(data, deps, log))
    closers.push(() => engine.stop())
    await engine.start()
    closers.push(() => deps.scheduler.stop())
    deps.scheduler.start()
    await lookAfterStart(deps)
    await deps.standIns.run()
    listener.use((request, bindings) => app.fetch(request, bindings))
    bots = await startBots({
      config,
      url,
      db,
      log,
      fetch: (request) => app.fetch(request) as Promise<Response>,
      masking,
    })
    closers.push(() => bots?.stop())
    if (config.smtpUrl) {
      const [{ startPost }, { createMailTransport }] = await Promise.all([
        import('../mail/post.ts'),
        import('../mail/transport.ts'),
      ])
      const post = startPost(deps, createMailTransport(config.smtpUrl))
      closers.push(() => post.stop())
    } else {
      const { endUnsent } = await import('../mail/unsent.ts')
      const end = (): void =>
        void db
          .write((tx) => endUnsent(tx, deps.config, Date.now()))
          .then((count) => {
            if (count > 0)
              log.warn({ count }, 'mails are owed and SMTP_URL is not set: they go another way, or on the list')
          })
          .catch((error: unknown) => log.error({ err: error }, 'mails without a server could not be ended'))
      end()
      const unsent = setInterval(end, 60_000)
      unsent.unref()
      closers.push(() => clearInterval(unsent))
    }
    const sweeper = setInterval(() => void db.write((tx) => sweep(tx, Date.now())).catch(() => undefined), 3_600_000)
    sweeper.unref()
    const fileSweeper = setInterval(
      () =>
        void sweepFiles(files, { db, engine, now: Date.now() }).catch((error: unknown) =>
          log.warn({ error: String(error) }, 'files that are over could not be removed'),
        ),
      3_600_000,
    )
    fileSweeper.unref()
    closers.push(() => clearInterval(fileSweeper))
    closers.push(() => {
      clearInterval(sweeper)
      isReady = false
      listener.refuse()
    })
    data.noteStarted()
    isReady = true
    const ownerLink = await makeOwnerLink(db, url, Date.now())
    say(`Baton runs at ${url}`)
    if (data.isFirstStart && config.examplesUnsaid)
      say('Examples stay away where chat or data is configured. BATON_EXAMPLES=on loads them.')
    if (ownerLink) say(`Owner link: ${ownerLink}`)
    return { url, ownerLink, stop: closeAll }
  } catch (error) {
    await closeAll().catch(() => undefined)
    throw error
  }
}

/** Example mode lasts: a second start finds the same hosts. */
const hasExamples = (config: Config, data: DataFolder): boolean =>
  config.examples ?? (data.isFirstStart || existsSync(data.examples))
/** Starts the example hosts; at the first start flows and apps come too. Returns how to end the hosts. */
async function prepareExamples(data: DataFolder, deps: Deps, log: Logger): Promise<() => Promise<void>> {
  const { startExampleHosts } = await import('../../examples/host/server.ts')
  const isNew = data.isFirstStart || !existsSync(data.examples)
  const { hosts, close } = await startExampleHosts({
    dir: data.examples,
    names: EXAMPLE_HOSTS,
    log: (line) => log.debug({ line }, 'example host'),
  })
  const { db, keys, engine, config } = deps
  const seeding = {
    db,
    keys,
    plugins: engine.plugins,
    hosts,
    url: config.url,
    chat: config.slack || config.telegram,
    now: deps.now(),
  }
  await applyExampleHosts(seeding)
  if (isNew) await applyExamples(seeding, new URL('../../examples/', import.meta.url), config.language)
  refreshDocuments(deps)
  deps.access.changed(null) // from here on it is known who stands where
  return close
}

/** What was delivered a day ago, and what nobody has mended for a month. */
function sweep(tx: Tx, now: number): void {
  catalogue.sweepDeliveries(tx, now - 86_400_000)
  catalogue.sweepUndeliverable(tx, now - 30 * 86_400_000, 500)
}

/** As long as no owner has come in by one; the link of an earlier start ends with this one. */
const makeOwnerLink = (db: Database, url: string, now: number): Promise<string | null> =>
  db.write((tx) => {
    if (catalogue.wasUsed(tx, 'owner')) return null
    catalogue.dropCodes(tx, 'owner')
    const owner = catalogue.ownersOf(tx)[0]
    const { code } = catalogue.makeCode(tx, 'owner', { ...(owner && { person: owner.id }), createdBy: 'Baton' }, now)
    return `${url}/sign-in#code=${code}`
  })

/** Trouble that lasts is told every ten seconds, not for each thing that it touches. */
function seldom(tell: (error: unknown) => void): (error: unknown) => void {
  let toldAt = -Infinity
  return (error) => {
    if (performance.now() - toldAt < 10_000) return
    toldAt = performance.now()
    tell(error)
  }
}

function versionOf(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}

async function main(): Promise<void> {
  try {
    const baton = await startBaton(readConfig(process.argv.slice(2), process.env))
    let stopping = false
    const stop = (signal: string): void => {
      if (stopping) process.exit(1) // a second Ctrl-C does not wait
      stopping = true
      process.stdout.write(`${signal}: stopping …\n`)
      baton.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`${String(error)}\n`)
          process.exit(1)
        },
      )
    }
    process.on('SIGINT', () => stop('SIGINT'))
    process.on('SIGTERM', () => stop('SIGTERM'))
  } catch (error) {
    // What the operator can mend is one line; a bug keeps its stack.
    const isClear = error instanceof ConfigError || error instanceof LockedError
    process.stderr.write(
      `${isClear ? (error as Error).message : error instanceof Error ? error.stack : String(error)}\n`,
    )
    process.exit(1)
  }
}
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) void main()
