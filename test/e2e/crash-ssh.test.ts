/** A script over SSH outlives the engine: killed at the worst moments, it is picked up and runs once. Real process, real sshd. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { graphql, type Client } from '../../api/client/index.ts'
import { startBatonProcess, type BatonProcess } from '../baton.ts'
import { startSshd, type Sshd } from '../sshd.ts'
import { system } from '../system.ts'

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
      findings {
        message
      }
    }
  }
`)
const SECRET = graphql(`
  mutation S($value: String!) {
    setSecret(namespace: "ssh", key: "key", value: $value) {
      key
    }
  }
`)
const SCAN = graphql(`
  mutation Sc {
    scanHost(name: "box") {
      offeredFingerprint
    }
  }
`)
const CONFIRM = graphql(`
  mutation C($fingerprint: String!) {
    confirmHostKey(name: "box", fingerprint: $fingerprint) {
      fingerprint
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
const REVOKE = graphql(`
  mutation R($id: ID!) {
    revokeTask(id: $id, mode: CANCEL, reason: "enough") {
      id
    }
  }
`)
const TASK = graphql(`
  query T($id: ID!) {
    task(id: $id) {
      phase
      cancelUnconfirmed
      run: node(id: "run") {
        state
        attempt
        outputs
        error {
          cause
          code
          message
        }
        log(last: 600) {
          total
          lines {
            n
            text
          }
        }
      }
    }
  }
`)

const FLOW = `
apiVersion: baton/v1
kind: Flow
metadata: {name: long, title: Long}
spec:
  variables:
    folder: {type: text, title: Folder, required: true}
  nodes:
    run:
      use: ssh.script@1
      title: Run
      with:
        host: box
        script: |
          echo begun
          echo ran >> "$1/ran"
          n=0
          while [ ! -e "$1/go" ] && [ $n -lt 600 ]; do n=$((n+1)); sleep 0.05; done
          i=0
          while [ $i -lt 500 ]; do i=$((i+1)); echo "line $i"; done
          echo "answer=42" >> "$BATON_OUTPUT"
          exit 7
        args: ["\${folder}"]
`
const ready = system().sshd !== null

describe.skipIf(!ready)('a script that the engine does not live to see the end of', () => {
  let sshd: Sshd
  let baton: BatonProcess
  let owner: Client
  let folder: string
  beforeAll(async () => {
    sshd = await startSshd()
    baton = await startBatonProcess()
    owner = baton.owner()
    const host = `apiVersion: baton/v1\nkind: Host\nmetadata: {name: box}\nspec: {address: ${sshd.host.address}, port: ${sshd.host.port}, user: ${sshd.host.user}, key: ssh.key}`
    const secret = `apiVersion: baton/v1\nkind: SecretRef\nmetadata: {name: ssh}\nspec: {keys: [key]}`
    await owner.query(SECRET, { value: sshd.host.key })
    const { apply } = await owner.query(APPLY, { documents: [FLOW, host, secret].join('\n---\n') })
    expect(
      apply.documents.flatMap((document) => document.findings).filter(({ severity }) => severity === 'ERROR'),
    ).toEqual([])
    expect((await owner.query(SCAN)).scanHost.offeredFingerprint).toBe(sshd.host.hostKey)
    await owner.query(CONFIRM, { fingerprint: sshd.host.hostKey })
    await owner.query(PUBLISH, { name: 'long' })
    folder = sshd.home
  })
  afterAll(async () => {
    await baton?.close()
    await sshd?.close()
  })

  const launch = async (): Promise<string> => {
    for (const name of ['ran', 'go']) rmSync(join(folder, name), { force: true })
    return (await owner.query(LAUNCH, { input: { flow: 'long', variables: { folder } } })).launch.id
  }
  const node = async (id: string) => {
    const { task } = await owner.query(TASK, { id })
    return { task: task!, run: task!.run! }
  }
  /** Each line once, numbered from 0 without gaps. */
  const isWhole = ({ lines, total }: { lines: readonly { n: number; text: string }[]; total: number }): void => {
    expect(lines.map(({ n }) => n)).toEqual(lines.map((_, index) => index))
    expect(lines.filter(({ text }) => text === 'begun')).toHaveLength(1)
    expect(total).toBe(lines.length)
  }
  const until = <T>(probe: () => Promise<T>, holds: (value: T) => boolean) =>
    expect.poll(async () => holds(await probe()), { timeout: 60_000, interval: 50 }).toBe(true)
  const hasRun = async (): Promise<boolean> => existsSync(join(folder, 'ran'))

  test('killed while it runs: picked up after the restart, ran once, output and exit code complete', async () => {
    const id = await launch()
    await until(hasRun, Boolean)
    await baton.kill()
    writeFileSync(join(folder, 'go'), '')
    await baton.restart()
    await until(
      () => node(id),
      ({ task }) => task.phase === 'ATTENTION',
    )
    const { run } = await node(id)
    expect(run).toMatchObject({ state: 'FAILED', attempt: 1, error: { cause: 'ERROR', code: 'EXIT_7' } })
    expect(run.outputs).toMatchObject({ exitCode: 7, values: { answer: '42' } })
    expect(run.log.lines.map(({ text }) => text).filter((text) => text.startsWith('line '))).toEqual(
      Array.from({ length: 500 }, (_, index) => `line ${index + 1}`),
    )
    isWhole(run.log)
    expect(readFileSync(join(folder, 'ran'), 'utf8')).toBe('ran\n')
  })

  test('killed right after the launch was answered: it starts at most once, and nobody is left guessing', async () => {
    const id = await launch()
    await baton.kill()
    writeFileSync(join(folder, 'go'), '')
    await baton.restart()
    await until(
      () => node(id),
      ({ task }) => task.phase === 'ATTENTION',
    )
    const { run } = await node(id)
    expect(run.error?.code).toBe('EXIT_7')
    expect(readFileSync(join(folder, 'ran'), 'utf8')).toBe('ran\n')
  })

  test('stopped by Ctrl-C: the script goes on, and the next start goes on with it', async () => {
    const id = await launch()
    await until(hasRun, Boolean)
    await until(
      () => node(id),
      ({ run }) => run.log.total > 0,
    )
    expect(await baton.stop()).toBe(0)
    await baton.restart()
    expect((await node(id)).run.state).toBe('RUNNING')
    writeFileSync(join(folder, 'go'), '')
    await until(
      () => node(id),
      ({ task }) => task.phase === 'ATTENTION',
    )
    isWhole((await node(id)).run.log)
    expect(readFileSync(join(folder, 'ran'), 'utf8')).toBe('ran\n')
  })

  test('stop kills what runs there and says so when that is confirmed', async () => {
    const id = await launch()
    await until(hasRun, Boolean)
    await owner.query(REVOKE, { id })
    await until(
      () => node(id),
      ({ task }) => task.phase === 'REVOKED',
    )
    expect((await node(id)).task.cancelUnconfirmed).toBe(false)
    writeFileSync(join(folder, 'go'), '')
    expect((await node(id)).run.state).toBe('REVOKED')
  })

  test('stop of a script on a host that cannot be reached says that it may still run', async () => {
    const id = await launch()
    await until(hasRun, Boolean)
    await sshd.stop()
    await owner.query(REVOKE, { id })
    await until(
      () => node(id),
      ({ task }) => task.phase === 'REVOKED',
    )
    expect((await node(id)).task.cancelUnconfirmed).toBe(true)
    writeFileSync(join(folder, 'go'), '')
    await sshd.start()
  })
})
