/** A freeze holds: who may pass it is asked why, in private; others read who could. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { graphql } from '../../api/client/index.ts'
import { haveEmulators } from '../emulators.ts'
import { setTheStage, type Stage } from './telegram-baton.ts'
import { hasButton, patient, press, says, seenIn, type TgMessage, type TgPerson } from './telegram-support.ts'

const DOCUMENTS = `
apiVersion: baton/v1
kind: Flow
metadata: {name: brittle, title: Brittle}
spec:
  variables:
    what: {type: text, title: What, default: it, onCard: true}
    lacking: {type: text, show: false}
  nodes:
    go: {use: set@1, title: Go, with: {what: "\${lacking}"}, save: {what: what}}
  notify: {attention: [Rosa, Boss]}
---
apiVersion: baton/v1
kind: App
metadata: {name: brittle, title: Brittle}
spec: {flow: brittle, launch: [everyone], taskTitle: "Brittle \${what}"}
`
const FREEZE = `
apiVersion: baton/v1
kind: Freeze
metadata: {name: quiet, title: Year's end}
spec: {when: {from: 2020-01-01}, apps: [brittle]}
`
const launch = graphql(`
  mutation TestLaunchBrittle($startNow: Boolean!) {
    launch(input: { app: "brittle", startNow: $startNow }) {
      id
      number
    }
  }
`)
const taskQuery = graphql(`
  query TestFrozenTask($id: ID!) {
    task(id: $id) {
      phase
      node(id: "go") {
        attempt
      }
      events(first: 100) {
        entries {
          text
        }
      }
    }
  }
`)
const tasksQuery = graphql(`
  query TestFrozenTasks {
    tasks(app: "brittle", first: 20) {
      totalCount
    }
  }
`)
describe.skipIf(!haveEmulators)('a freeze in Telegram', () => {
  let stage: Stage
  let rosa: TgPerson
  let boss: TgPerson
  beforeAll(async () => {
    stage = await setTheStage('polling', { rateLimits: false })
    rosa = await stage.person('Rosa', 'operator')
    boss = await stage.person('Boss', 'owner', [], 'zh')
    await stage.apply(DOCUMENTS)
  })
  afterAll(() => stage?.stop())
  const seen = (person: TgPerson, is: (message: TgMessage) => boolean) => seenIn(stage.emulator)(person, is)

  test('Retry: refused with the right and who has it, or asked why and tried again', async () => {
    const { owner, emulator } = stage
    const { id } = (await owner.query(launch, { startNow: true })).launch
    const hers = await emulator.waitForMessage(rosa, hasButton('Retry'))
    const theirs = await emulator.waitForMessage(boss, hasButton('重试'))
    await stage.apply(FREEZE)
    const refused = await press(rosa, hers, 'Retry')
    expect(refused).toMatchObject({ show_alert: true })
    expect(refused.text).toMatch(/Year's end\nGoing on .* needs the right to pass a freeze. Ask .*Boss/)

    await press(boss, theirs, '重试')
    const asked = await seen(boss, says('冻结期间重试', '为什么不能等'))
    expect(asked.text).toContain("已冻结，直到有人解除：Year's end")
    boss.send('客户在等')
    const after = await vi.waitFor(async () => {
      const { task } = await owner.query(taskQuery, { id })
      expect(task?.node?.attempt).toBe(2)
      return task
    }, patient)
    expect(JSON.stringify(after)).toContain('客户在等')
    emulator.log.assertClean()
  })

  test('a form: the reason is its last question; whoever may not pass is told so when they send it', async () => {
    const { owner, emulator } = stage
    const before = (await owner.query(tasksQuery)).tasks.totalCount
    boss.send('/run brittle what=two')
    await seen(boss, says('Brittle', '为什么不能等'))
    boss.send('着火了')
    const ready = await seen(boss, hasButton('运行'))
    expect(ready.text).toContain('着火了')
    await press(boss, ready, '运行')
    await vi.waitFor(async () => expect((await owner.query(tasksQuery)).tasks.totalCount).toBe(before + 1), patient)

    rosa.send('/run brittle what=three')
    const form = await seen(rosa, hasButton('Launch'))
    expect(form.text).toContain("Year's end")
    expect(form.text).not.toContain('cannot wait')
    await press(rosa, form, 'Launch')
    await seen(rosa, says("Year's end", 'needs the right to pass a freeze'))
    expect((await owner.query(tasksQuery)).tasks.totalCount).toBe(before + 1)
    emulator.log.assertClean()
  })
})
