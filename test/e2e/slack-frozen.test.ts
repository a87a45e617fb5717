/** A freeze holds: who may pass it is asked why, in a modal; others read who could. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { graphql } from '../../api/client/index.ts'
import { haveEmulators, type SlackMessage } from '../emulators.ts'
import { hasButton, slackWorld, textOf, type World } from './slack-world.ts'

const LONG = 60_000
const documents = `
apiVersion: baton/v1
kind: Flow
metadata: {name: brittle, title: Brittle}
spec:
  variables:
    what: {type: text, title: What, default: it, onCard: true}
    lacking: {type: text, show: false}
  nodes:
    go: {use: set@1, title: Go, with: {what: "\${lacking}"}, save: {what: what}}
  notify: {attention: ["Bob Builder", "Carol Ops"]}
---
apiVersion: baton/v1
kind: App
metadata: {name: brittle, title: Brittle}
spec: {flow: brittle, launch: [everyone], taskTitle: "Brittle \${what}"}
`
const freeze = `
apiVersion: baton/v1
kind: Freeze
metadata: {name: quiet, title: Year's end}
spec: {when: {from: 2020-01-01}, apps: [brittle], help: Nothing moves before January}
`
const apply = graphql(`
  mutation FrozenApply($documents: String!) {
    apply(documents: $documents) {
      documents {
        name
      }
    }
  }
`)
const people = graphql(`
  query FrozenPeople {
    people(search: "Carol", first: 1) {
      nodes {
        id
      }
    }
  }
`)
const setRole = graphql(`
  mutation FrozenRole($person: ID!) {
    setRole(person: $person, role: "owner") {
      id
    }
  }
`)
const launch = graphql(`
  mutation FrozenLaunch {
    launch(input: { app: "brittle", variables: { what: "one" } }) {
      id
    }
  }
`)
const taskQuery = graphql(`
  query FrozenTask($id: ID!) {
    task(id: $id) {
      node(id: "go") {
        attempt
      }
      events(first: 100) {
        entries {
          text
          by {
            name
          }
        }
      }
    }
  }
`)
const tasksQuery = graphql(`
  query FrozenTasks {
    tasks(app: "brittle", first: 5) {
      nodes {
        id
        title
      }
    }
  }
`)

describe.skipIf(!haveEmulators)('a freeze in Slack', () => {
  let world: World
  let task: string
  let his: SlackMessage
  let hers: SlackMessage
  beforeAll(async () => {
    world = await slackWorld('http', {
      documents,
      publish: ['brittle'],
      emulator: { rateLimits: 'post', timeScale: 0.001 },
    })
    const { owner, emu, bob, carol } = world
    const [found] = (await owner.query(people)).people.nodes
    await owner.query(setRole, { person: found!.id })
    task = (await owner.query(launch)).launch.id
    const about = (message: SlackMessage) => textOf(message).includes('Brittle one') && hasButton(message, 'retry')
    ;[his, hers] = await Promise.all([
      emu.waitForMessage(bob.id, about, LONG),
      emu.waitForMessage(carol.id, about, LONG),
    ])
    await owner.query(apply, { documents: freeze })
  })
  afterAll(async () => {
    if (world) expect(world.emu.log.failures).toEqual([])
    await world?.stop()
  })

  test('Retry by somebody without the right: until when, why, which right, and who could, for them alone', async () => {
    const { emu, bob } = world
    await bob.click(his, 'retry')
    const said = await emu.waitForMessage(bob.id, (message) => textOf(message).includes("Year's end"), LONG)
    expect(textOf(said)).toContain('Frozen until somebody lifts it')
    expect(textOf(said)).toContain('Nothing moves before January')
    expect(textOf(said)).toMatch(/needs the right to pass a freeze. Ask .*Carol Ops/)
    expect((await world.owner.query(taskQuery, { id: task })).task?.node?.attempt).toBe(1)
  })

  test('Retry by somebody with it: asked why in a modal, tried again, and the reason is in the history', async () => {
    const { carol, owner } = world
    await carol.click(hers, 'retry')
    const modal = await carol.waitForModal((view) => view.callback_id === 'baton_form', 10_000)
    expect(modal.title.text).toBe('Retry although frozen')
    expect(JSON.stringify(modal.blocks)).toContain("Year's end")
    await carol.fill('.freeze', 'customers wait')
    expect((await carol.submit()).closed).toBe(true)
    const after = await vi.waitFor(async () => {
      const { task: now } = await owner.query(taskQuery, { id: task })
      expect(now?.node?.attempt).toBe(2)
      return now
    })
    const passed = after?.events.entries.find(({ text }) => text.includes("Year's end"))
    expect(passed).toMatchObject({ by: { name: 'Carol Ops' } })
    expect(JSON.stringify(after)).toContain('customers wait')
  })

  test('a form of the frozen app asks why of who may pass it, and tells the others before they fill it in', async () => {
    const { alice, carol, owner } = world
    await alice.slash('/baton', 'brittle what=two')
    const plain = await alice.waitForModal((view) => view.callback_id === 'baton_form', 10_000)
    expect(JSON.stringify(plain.blocks)).toContain("Year's end")
    expect(JSON.stringify(plain.blocks)).not.toContain('.freeze')
    await alice.closeModal()

    await carol.slash('/baton', 'brittle what=three')
    await carol.waitForModal((view) => view.callback_id === 'baton_form', 10_000)
    await carol.fill('.freeze', 'it burns')
    for (let answer = await carol.submit(); !answer.closed; answer = await carol.submit())
      expect(answer.pushed).toBeDefined()
    await vi.waitFor(async () =>
      expect((await owner.query(tasksQuery)).tasks.nodes.map(({ title }) => title)).toContain('Brittle three'),
    )
  })
})
