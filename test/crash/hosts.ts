/** Baton as its users have it, killed again and again while it runs scripts on a real sshd and tells a chat of them. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ResultOf } from 'gql.tada'
import { ClientError, type Client } from '../../api/client/index.ts'
import { startBatonProcess, type BatonProcess } from '../baton.ts'
import { startSshd, type Sshd } from '../sshd.ts'
import { auditHosts, CHATS, FINAL, STEPS, type HostsAudit, type Run, type Task } from './audit.ts'
import { startChat } from './chat.ts'
import { APPLY, CONFIRM, LAUNCH, NODE, OWED, PUBLISH, SCAN, SECRET, SKIP, TASKS } from './queries.ts'

export interface HostsOptions {
  readonly seed: number
  readonly kills: number
}
/** One chat per app: a chat takes few messages a minute. */
const APPS = 40
const TASKS_PER_LIFE = 3
/** A life lasts up to this long after it has started. */
const LIFE_MS = 1_500
const PATIENCE_MS = 300_000

/** Restarts are most of the work; what they compile is the same each time. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/baton-crash', import.meta.url))

/** Says on the host that it ran, once per run; prints 40 lines; leaves a value; ends as it is told. */
const SCRIPT = `
          echo "$1" >> "$2/ran"
          sleep "$3"
          i=0
          while [ $i -lt 40 ]; do i=$((i+1)); echo "line $i"; done
          echo "mark=$1" >> "$BATON_OUTPUT"
          exit "$4"`
const step = (id: string, nap: string, code: string, more: string): string => `
    ${id}:
      use: ssh.script@1
      title: Step ${id}
      with:
        host: box
        script: |${SCRIPT}
        args: ["\${task.id}/${id}", "\${folder}", "${nap}", "${code}"]
      ${more}`
const documents = (host: Sshd['host']): string =>
  [
    `apiVersion: baton/v1
kind: Flow
metadata: {name: job, title: Job}
spec:
  variables:
    key: {type: text, title: Key, required: true}
    folder: {type: text, title: Folder, required: true}
    nap: {type: text, title: Nap, required: true}
    code: {type: text, title: Code, required: true}
  notify: {finished: ["room:telegram:${CHATS.finished}"], attention: ["room:telegram:${CHATS.attention}"]}
  nodes:${step('a', '${nap}', '0', 'next: fork')}
    fork: {gateway: parallel, next: [x, y]}${step('x', '${nap}', '0', 'next: join')}${step('y', '0', '7', 'onFail: {then: ignore}\n      next: join')}
    join: {gateway: converge, next: c}${step('c', '0', '${code}', 'next: end')}`,
    `apiVersion: baton/v1\nkind: SecretRef\nmetadata: {name: ssh}\nspec: {keys: [key]}`,
    `apiVersion: baton/v1\nkind: Host\nmetadata: {name: box}\nspec: {address: ${host.address}, port: ${host.port}, user: ${host.user}, key: ssh.key}`,
    ...Array.from(
      { length: APPS },
      (_, app) =>
        `apiVersion: baton/v1\nkind: App\nmetadata: {name: job-${app}, title: Job ${app}}\nspec: {flow: job, launch: [everyone], see: [everyone], taskTitle: "\${key}", rooms: ["telegram:${CHATS.of(app)}"]}`,
    ),
  ].join('\n---\n')

export async function crashHosts(options: HostsOptions): Promise<HostsAudit & { kills: number }> {
  const sshd = await startSshd()
  const chat = await startChat()
  const baton = await startBatonProcess({
    TELEGRAM_BOT_TOKEN: chat.token,
    TELEGRAM_API_ROOT: chat.apiRoot,
    LOG_LEVEL: 'error',
    NODE_COMPILE_CACHE: CACHE,
  })
  try {
    const owner = await furnish(baton, sshd)
    await baton.stop() // a process that is killed keeps no compiled code for the next one
    await baton.restart()
    const told = new Map<string, string>()
    const kills = await killAgainAndAgain(baton, owner, sshd, told, options)
    const isDone = await finish(owner)
    const tasks = await everyTask(owner)
    const runs = new Map<string, Run | null>()
    for (const task of tasks)
      for (const { id } of STEPS)
        runs.set(`${task.id}/${id}`, (await owner.query(NODE, { task: task.id, node: id })).task?.node ?? null)
    const owed = (await owner.query(OWED)).deliveries.nodes.map((row) => JSON.stringify(row))
    const ran = existsSync(join(sshd.home, 'ran')) ? readFileSync(join(sshd.home, 'ran'), 'utf8') : ''
    return { ...auditHosts({ tasks, runs, told, ran, owed, chat, isDone }), kills }
  } finally {
    await baton.close()
    await sshd.close()
    await chat.close()
  }
}

async function furnish(baton: BatonProcess, sshd: Sshd): Promise<Client> {
  const owner = patiently(baton.owner())
  await owner.query(SECRET, { value: sshd.host.key })
  const { apply } = await owner.query(APPLY, { documents: documents(sshd.host) })
  const wrong = apply.documents.flatMap(({ findings }) => findings).filter(({ severity }) => severity === 'ERROR')
  if (wrong.length > 0) throw new Error(wrong.map(({ message }) => message).join('\n'))
  const { offeredFingerprint } = (await owner.query(SCAN)).scanHost
  await owner.query(CONFIRM, { fingerprint: offeredFingerprint ?? '' })
  await owner.query(PUBLISH)
  return owner
}

/** Whoever launches asks again with the same key until there is an answer, over as many lives as that takes. */
async function killAgainAndAgain(
  baton: BatonProcess,
  owner: Client,
  sshd: Sshd,
  told: Map<string, string>,
  { seed: first, kills }: HostsOptions,
): Promise<number> {
  let seed = first
  const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648
  const asked: { key: string; app: string; variables: object }[] = []
  let launches = 0
  let life = 0
  for (; life < kills; life++) {
    const ended = new AbortController()
    for (let n = 0; n < TASKS_PER_LIFE; n++) {
      const code = random() < 0.25 ? '9' : '0'
      const variables = { key: `job ${first}-${launches}`, folder: sshd.home, nap: (random() * 1.5).toFixed(2), code }
      asked.push({ key: `k${first}-${launches}`, app: `job-${launches % APPS}`, variables })
      launches++
    }
    const people = Promise.all([launchAll(owner, asked, told, ended.signal), skipFailed(owner, ended.signal)])
    people.catch(() => undefined) // heard below, once the process is gone
    await pause(random() * LIFE_MS)
    await baton.kill()
    ended.abort()
    await people
    if (random() < 0.1) {
      // Now and then it does not come to its first request.
      const up = baton.restart().catch(() => undefined)
      await pause(random() * 800)
      await baton.kill()
      await up
      life++
    }
    await baton.restart()
  }
  await launchAll(owner, asked, told, new AbortController().signal)
  return life
}
async function launchAll(
  owner: Client,
  asked: { key: string; app: string; variables: object }[],
  told: Map<string, string>,
  ended: AbortSignal,
): Promise<void> {
  while (asked.length > 0 && !ended.aborted) {
    const { variables, ...input } = asked[0]!
    try {
      const { launch } = await owner.query(LAUNCH, { input: { ...input, variables } })
      told.set((variables as { key: string }).key, launch.id)
      asked.shift()
    } catch (error) {
      if (!isOutage(error)) throw error
      await pause(50)
    }
  }
}
/** An operator who passes over what has failed. */
async function skipFailed(owner: Client, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    try {
      for (const { id } of (await owner.query(TASKS, { phase: ['ATTENTION'] })).tasks.nodes) {
        const { task } = await owner.query(NODE, { task: id, node: 'c' })
        if (task?.node?.state !== 'FAILED') continue
        await owner.query(SKIP, { input: { taskId: id, nodeId: 'c', attempt: task.node.attempt } })
      }
    } catch (error) {
      if (!isOutage(error) && !(error instanceof ClientError && error.code === 'STALE')) throw error
    }
    await pause(200)
  }
}

/** Lets the last life bring everything to its end. False: something never came to it. */
async function finish(owner: Client): Promise<boolean> {
  const ended = new AbortController()
  const people = skipFailed(owner, ended.signal)
  try {
    for (const began = Date.now(); Date.now() - began < PATIENCE_MS; await pause(500)) {
      const open = (await everyTask(owner)).filter(({ phase }) => !FINAL.has(phase))
      if (open.length === 0 && (await owner.query(OWED)).deliveries.nodes.length === 0) return true
    }
    return false
  } finally {
    ended.abort()
    await people
  }
}
async function everyTask(owner: Client): Promise<Task[]> {
  const all: Task[] = []
  for (let after: string | null = null; ;) {
    const { tasks }: ResultOf<typeof TASKS> = await owner.query(TASKS, { after })
    all.push(...tasks.nodes)
    if (!tasks.pageInfo.hasNextPage) return all
    after = tasks.pageInfo.endCursor
  }
}
/** Asks as often as it takes: one caller looks at more here than a person ever would. */
const patiently = (client: Client): Client => ({
  ...client,
  async query(...asked) {
    for (;;) {
      try {
        return await client.query(...asked)
      } catch (error) {
        if (!(error instanceof ClientError && error.code === 'RATE_LIMITED')) throw error
        await pause(500)
      }
    }
  },
})
const isOutage = (error: unknown): boolean =>
  error instanceof ClientError && ['NETWORK', 'UNAVAILABLE', 'BUSY'].includes(error.code)
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
