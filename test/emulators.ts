/**
 * Strict local chat platforms, kept in a folder beside this repository or named by BATON_EMULATORS. Their own dependencies are installed into a copy,
 * once per version, in the system's folder for temporary files. Where there are none, tests that need them are skipped and say so.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const source = (): string | null => {
  const folder = process.env['BATON_EMULATORS'] ?? resolve(root, '../shared/emulators')
  return existsSync(join(folder, 'package.json')) ? folder : null
}
export const haveEmulators = source() !== null
if (!haveEmulators)
  process.stderr.write(
    'SKIPPED: no chat emulators. Name their folder in BATON_EMULATORS to run the tests against them.\n',
  )

let ready: string | undefined
/** The folder of a copy whose dependencies are installed. */
function installed(): string {
  if (ready) return ready
  const from = source()
  if (!from) throw new Error('expected the emulators, but BATON_EMULATORS names no folder with them')
  const home = join(tmpdir(), `baton-emulators-${digestOf(from)}`)
  if (!existsSync(home)) {
    const making = mkdtempSync(join(tmpdir(), 'baton-emulators-making-'))
    cpSync(from, join(making, 'emulators'), { recursive: true, filter: (path) => !path.includes('node_modules') })
    const specs = join(dirname(from), 'specs') // read by them relative to their own place
    if (existsSync(specs)) cpSync(specs, join(making, 'specs'), { recursive: true })
    writable(making)
    execFileSync('npm', ['ci', '--omit=dev', '--no-audit', '--no-fund', '--silent'], {
      cwd: join(making, 'emulators'),
      stdio: 'inherit',
    })
    try {
      renameSync(making, home)
    } catch {
      rmSync(making, { recursive: true, force: true }) // another test file was first
    }
  }
  ready = join(home, 'emulators')
  return ready
}
const writable = (folder: string): void => void execFileSync('chmod', ['-R', 'u+w', folder])
function digestOf(folder: string): string {
  const hash = createHash('sha256')
  const walk = (at: string): void => {
    for (const name of readdirSync(at).toSorted()) {
      if (name === 'node_modules') continue
      const path = join(at, name)
      if (statSync(path).isDirectory()) walk(path)
      else hash.update(path.slice(folder.length)).update(readFileSync(path))
    }
  }
  walk(folder)
  return hash.digest('hex').slice(0, 12)
}
const load = (path: string): Promise<Record<string, unknown>> =>
  import(pathToFileURL(join(installed(), path)).href) as Promise<Record<string, unknown>>

export interface SlackMessage {
  readonly ts: string
  readonly text: string
  readonly channel: string
  readonly thread_ts?: string
  readonly blocks: readonly SlackBlock[]
  readonly _ephemeralTo?: string
}
export interface SlackBlock {
  readonly type: string
  readonly block_id?: string
  readonly elements?: readonly SlackElement[]
  readonly element?: SlackElement
  readonly text?: { readonly text: string }
  readonly label?: { readonly text: string }
}
export interface SlackElement {
  readonly type: string
  readonly action_id?: string
  readonly value?: string
  readonly url?: string
  readonly text?: { readonly text: string }
  readonly options?: readonly { readonly value: string; readonly text: { readonly text: string } }[]
  readonly elements?: readonly { readonly text?: string }[]
}
export interface SlackView {
  readonly id: string
  readonly type: string
  readonly callback_id: string
  readonly private_metadata: string
  readonly title: { readonly text: string }
  readonly submit: { readonly text: string } | null
  readonly blocks: readonly SlackBlock[]
}
export interface Delivered {
  readonly ok: boolean
  readonly ms: number
  readonly status?: number
  readonly body?: unknown
  readonly reason?: string
}
export type Want =
  string | { readonly action_id?: string; readonly block_id?: string; readonly value?: string; readonly text?: string }
export interface SlackPerson {
  readonly id: string
  dm(): string
  slash(
    command: string,
    text?: string,
    options?: { channel?: string },
  ): Promise<Delivered & { payload: Record<string, string> }>
  reads(channel?: string): readonly SlackMessage[]
  modal(): SlackView | undefined
  waitForModal(pred?: (view: SlackView) => boolean, timeout?: number): Promise<SlackView>
  fill(want: Want, value: unknown): Promise<Delivered | null>
  search(
    want: Want,
    query: string,
  ): Promise<readonly { readonly value: string; readonly text: { readonly text: string } }[]>
  submit(): Promise<
    Delivered & { closed?: boolean; errors?: Record<string, string>; updated?: SlackView; pushed?: SlackView }
  >
  closeModal(options?: { all?: boolean }): Promise<unknown>
  click(message: SlackMessage, want: Want, options?: { deny?: boolean }): Promise<Delivered & { denied?: boolean }>
  select(message: SlackMessage, want: Want, value: unknown): Promise<Delivered>
  clickInView(want: Want): Promise<Delivered>
  clickHome(want: Want): Promise<Delivered>
  home(): SlackView | undefined
  openHome(): Promise<unknown>
  mention(text: string, options: { channel: string; thread_ts?: string }): Promise<{ message: SlackMessage }>
  say(text: string, options?: { channel?: string; thread_ts?: string }): Promise<{ message: SlackMessage }>
  shortcut(callbackId: string): Promise<Delivered>
}
export interface LogEntry {
  readonly kind: string
  readonly method?: string
  readonly status?: number
  readonly seq: number
  readonly args?: Record<string, unknown>
  readonly result?: Record<string, unknown>
  readonly [key: string]: unknown
}
export interface Transcript {
  readonly entries: readonly LogEntry[]
  readonly failures: readonly Record<string, unknown>[]
  readonly warnings: readonly Record<string, unknown>[]
  mark(): number
  filter(pred: (entry: LogEntry) => boolean, since?: number): readonly LogEntry[]
  waitFor(
    pred: (entry: LogEntry) => boolean,
    options?: { timeout?: number; since?: number; what?: string },
  ): Promise<LogEntry>
  assertClean(): void
}
export interface SlackEmulator {
  readonly log: Transcript
  readonly apiUrl: string
  readonly botToken: string
  readonly appToken: string
  readonly signingSecret: string
  readonly team: { readonly id: string }
  readonly bot: { readonly user_id: string }
  readonly messages: ReadonlyMap<string, readonly SlackMessage[]>
  readonly faults: unknown[]
  readonly delivery: {
    readonly last: { url: string; headers: Record<string, string>; body: string } | null
    forge(how: string, type?: string, payload?: unknown): Promise<{ status?: number; body?: unknown }>
    redeliver(payload: unknown): Promise<Delivered>
    urlVerification(): Promise<boolean>
    waitForSocket(timeout?: number): Promise<void>
    disconnectSockets(reason?: string): void
    send(type: string, payload: unknown): Promise<Delivered>
  }
  requestUrl: string
  addUser(user: { id?: string; name: string; real_name?: string; [key: string]: unknown }): SlackPerson
  addChannel(channel: {
    id?: string
    name: string
    members?: readonly SlackPerson[]
    bot?: boolean
    archived?: boolean
  }): string
  failNext(method: string, fault: Record<string, unknown>, times?: number): void
  waitForMessage(channel: string, pred?: (message: SlackMessage) => boolean, timeout?: number): Promise<SlackMessage>
  message(channel: string, ts: string): SlackMessage | undefined
  stop(): Promise<void>
}

/** A workspace of Slack's, strict. */
export async function startSlackEmulator(options: Record<string, unknown> = {}): Promise<SlackEmulator> {
  const { SlackEmulator: Emulator } = (await load('src/slack/index.js')) as {
    SlackEmulator: { start(options: unknown): Promise<SlackEmulator> }
  }
  return Emulator.start(options)
}
/** Problems of an app manifest, by Slack's own schema; empty: none. */
export async function validateManifest(manifest: unknown): Promise<readonly string[]> {
  const { validateManifest: validate } = (await load('src/slack/manifest.js')) as {
    validateManifest(manifest: unknown): string[]
  }
  return validate(manifest)
}
/** Problems of blocks and views, by Slack's limits. */
export async function blockKit(): Promise<{
  message(blocks: unknown): readonly string[]
  view(view: unknown, surface: 'modal' | 'home'): readonly string[]
}> {
  const { validateMessageBlocks, validateView } = (await load('src/slack/blockkit.js')) as Record<
    string,
    (...parts: unknown[]) => string[]
  >
  return {
    message: (blocks) => validateMessageBlocks?.(blocks) ?? [],
    view: (view, surface) => validateView?.(view, surface) ?? [],
  }
}
/** The module of the Telegram emulator; its test support gives it types. */
export const loadTelegramEmulator = (): Promise<Record<string, unknown>> => load('src/telegram/index.js')
