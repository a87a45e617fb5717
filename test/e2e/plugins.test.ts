/** Plugins of third parties as their owners have them: named in BATON_PLUGINS, run by a real process, killed while they wait. */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { graphql, type Client } from '../../api/client/index.ts'
import { startBatonProcess, type BatonProcess } from '../baton.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const example = join(root, 'examples/plugins/build-server')

const APPLY = graphql(`
  mutation A($documents: String!) {
    apply(documents: $documents) {
      documents {
        findings {
          severity
          message
        }
      }
    }
  }
`)
const PUBLISH = graphql(`
  mutation P($name: String!) {
    publishFlow(name: $name) {
      version
    }
  }
`)
const SECRET = graphql(`
  mutation S($value: String!) {
    setSecret(namespace: "ci", key: "token", value: $value) {
      key
    }
  }
`)
const LAUNCH = graphql(`
  mutation L($input: LaunchInput!) {
    launch(input: $input) {
      id
    }
  }
`)
const TASK = graphql(`
  query T($id: ID!) {
    task(id: $id) {
      phase
      build: node(id: "build") {
        state
        attempt
        outputs
        error {
          message
        }
      }
    }
  }
`)
const PLUGINS = graphql(`
  query Pl {
    plugins {
      code
      version
      source
      problem
    }
  }
`)

/** Throws where nobody can catch it, and has no good end either. */
const STRAY = `
import { definePlugin, done, z } from 'baton/plugin'
export default definePlugin({
  code: 'stray', version: '1.0.0', title: 'Stray', inputs: z.object({}),
  async execute() {
    setTimeout(() => { throw new Error('out of a timer') }, 1)
    void Promise.reject(new Error('out of a promise'))
    return done({})
  },
  dispose() { throw new Error('at the end') },
})`

/** Takes builds; each is running until the test says otherwise. */
const builds = new Map<string, { number: number; looks: number }>()
let isReady = false
let server: Server
let baton: BatonProcess
let owner: Client
let folder: string
beforeAll(async () => {
  server = createServer((request, response) => {
    const isAllowed = request.headers.authorization === 'Bearer s3cret-token'
    const key = String(request.headers['idempotency-key'])
    if (!isAllowed) return void response.writeHead(401).end()
    if (request.method === 'POST') {
      if (!builds.has(key)) builds.set(key, { number: builds.size + 1, looks: 0 })
      const { number } = builds.get(key)!
      return void response.end(JSON.stringify({ number, url: `http://${request.headers.host}/builds/${number}` }))
    }
    for (const build of builds.values()) if (request.url === `/builds/${build.number}`) build.looks++
    response.end(JSON.stringify({ state: isReady ? 'passed' : 'running', artifact: 'shop-1.2.tgz' }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  folder = mkdtempSync(join(tmpdir(), 'baton-broken-'))
  mkdirSync(join(folder, 'broken'))
  writeFileSync(join(folder, 'broken/index.mjs'), `throw new Error('no licence found')`)
  writeFileSync(join(folder, 'stray.mjs'), STRAY)
  baton = await startBatonProcess({
    HOME: folder,
    BATON_LOCAL_SCRIPT: 'on',
    BATON_PLUGINS: `${example}, ${join(folder, 'broken')}, ${join(folder, 'stray.mjs')}`,
  })
  owner = baton.owner()
})
afterAll(async () => {
  await baton?.close()
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

test('the example’s own tests pass with nothing installed beside it', () => {
  const ran = spawnSync(process.execPath, [join(root, 'cli/main.ts'), 'plugin', 'test', example], { encoding: 'utf8' })
  expect(ran.stdout).toMatch(/pass 5\b/)
  expect(ran.status).toBe(0)
})

test('what was loaded and what was left out is told at the start and to authors, not to starters', async () => {
  expect(baton.output()).toMatch(/Plugin \S+\/broken is left out: no licence found/)
  const { plugins } = await owner.query(PLUGINS)
  expect(plugins).toContainEqual({ code: 'build.run', version: '1.0.0', source: example, problem: null })
  expect(plugins).toContainEqual(
    expect.objectContaining({ version: '', problem: `no licence found (${join(folder, 'broken/index.mjs')}:1:7)` }),
  )
  const { plugins: seen } = await baton.person('Mei', 'starter').query(PLUGINS)
  expect(seen.filter(({ problem, source }) => problem !== null || source !== null)).toEqual([])
})

test('its step goes through polls and a kill -9, with one build at the far end', async () => {
  const { port } = server.address() as AddressInfo // listening on TCP
  const flow = `
apiVersion: baton/v1
kind: Flow
metadata: {name: build, title: Build}
spec:
  nodes:
    build:
      use: build.run@1
      with: {server: "http://127.0.0.1:${port}/", token: "\${secrets.ci.token}", project: shop}
---
apiVersion: baton/v1
kind: SecretRef
metadata: {name: ci}
spec: {keys: [token]}
`
  await owner.query(SECRET, { value: 's3cret-token' })
  const { apply } = await owner.query(APPLY, { documents: flow })
  expect(apply.documents.flatMap(({ findings }) => findings).filter(({ severity }) => severity === 'ERROR')).toEqual([])
  await owner.query(PUBLISH, { name: 'build' })
  const { id } = (await owner.query(LAUNCH, { input: { flow: 'build' } })).launch
  await expect.poll(() => builds.size).toBe(1)
  await baton.kill()
  await baton.restart()
  isReady = true
  await expect
    .poll(async () => (await owner.query(TASK, { id })).task?.phase, { timeout: 60_000, interval: 100 })
    .toBe('SUCCEEDED')
  const { task } = await owner.query(TASK, { id })
  expect(task?.build).toMatchObject({ state: 'SUCCEEDED', attempt: 1, outputs: { build: 1, artifact: 'shop-1.2.tgz' } })
  expect(builds.size).toBe(1)
})

test('a script runs on this machine where the owner says so', async () => {
  const flow = `
apiVersion: baton/v1
kind: Flow
metadata: {name: here, title: Here}
spec:
  nodes:
    build: {use: local.script@1, with: {script: 'echo "$1" > made; echo "where=$PWD" >> "$BATON_OUTPUT"', args: [hello]}}
`
  await owner.query(APPLY, { documents: flow })
  await owner.query(PUBLISH, { name: 'here' })
  const { id } = (await owner.query(LAUNCH, { input: { flow: 'here' } })).launch
  await expect
    .poll(async () => (await owner.query(TASK, { id })).task?.build)
    .toMatchObject({ state: 'SUCCEEDED', outputs: { exitCode: 0, values: { where: folder } } })
  expect(readFileSync(join(folder, 'made'), 'utf8')).toBe('hello\n')
})

test('what a plugin throws where nobody can catch it is told, and Baton goes on to a good end', async () => {
  const flow = `
apiVersion: baton/v1
kind: Flow
metadata: {name: stray, title: Stray}
spec:
  nodes:
    stray: {use: stray@1, next: end}
`
  await owner.query(APPLY, { documents: flow })
  await owner.query(PUBLISH, { name: 'stray' })
  const { id } = (await owner.query(LAUNCH, { input: { flow: 'stray' } })).launch
  await expect.poll(() => baton.output()).toMatch(/out of a timer/)
  await expect.poll(() => baton.output()).toMatch(/out of a promise/)
  await expect.poll(async () => (await owner.query(TASK, { id })).task?.phase).toBe('SUCCEEDED')
  expect(await baton.stop()).toBe(0)
})
