/** In a room those who are asked are called by their Slack accounts when the alert is posted, and not again by its edits. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { graphql } from '../../api/client/index.ts'
import { haveEmulators } from '../emulators.ts'
import { slackWorld, textOf, type World } from './slack-world.ts'

const LONG = 60_000
const documents = `
apiVersion: baton/v1
kind: Flow
metadata: {name: loud, title: Loud}
spec:
  variables:
    what: {type: text, title: What, onCard: true}
    lacking: {type: text, show: false}
  nodes:
    go: {use: set@1, title: Go, with: {what: "\${lacking}"}, save: {what: what}}
  notify: {attention: [starter, "role:ops", "room:slack:C0OPS"]}
---
apiVersion: baton/v1
kind: App
metadata: {name: loud, title: Loud}
spec: {flow: loud, launch: [everyone], taskTitle: "Loud \${what}"}
`
const launch = graphql(`
  mutation LoudLaunch($what: String!) {
    launch(input: { app: "loud", variables: { what: $what } }) {
      id
    }
  }
`)
const retry = graphql(`
  mutation LoudSkip($id: ID!) {
    skipNode(input: { taskId: $id, nodeId: "go", attempt: 1, note: "never mind" }) {
      phase
    }
  }
`)

describe.skipIf(!haveEmulators)('calling people in Slack', () => {
  let world: World
  beforeAll(async () => {
    world = await slackWorld('http', {
      documents,
      publish: ['loud'],
      emulator: { rateLimits: 'post', timeScale: 0.001 },
    })
  })
  afterAll(async () => {
    if (world) expect(world.emu.log.failures).toEqual([])
    await world?.stop()
  })

  test('those with an account are called, the others stand by name, and what is typed calls nobody', async () => {
    const { emu, owner, room } = world
    const typed = '<@U0MALLORY> <!channel>'
    const { id } = (await owner.query(launch, { what: typed })).launch
    const alert = await emu.waitForMessage(room, (message) => textOf(message).includes('<@U0CAROL>'), LONG)
    const said = JSON.stringify(alert.blocks)
    expect(said).toContain('<@U0BOB>')
    expect(said).toContain('Asked: Owner, ') // without Slack
    expect(said).not.toMatch(/"type":"(usergroup|broadcast)"/)
    expect(said).not.toContain('"user_id":"U0MALLORY"')
    const marked = [...said.matchAll(/"type":"mrkdwn","text":"([^"]*)"/g)].map(([, text]) => text).join(' ')
    expect(marked).not.toContain('<@U0MALLORY>')
    expect(marked).not.toContain('<!channel>')

    await owner.query(retry, { id })
    await vi.waitFor(() => expect(textOf(emu.message(room, alert.ts)!)).toContain('never mind'), { timeout: LONG })
    expect(JSON.stringify(emu.message(room, alert.ts)!.blocks)).not.toContain('<@U0BOB>')
    const calling = emu.log.filter(
      ({ method, args }) =>
        method?.startsWith('chat.') === true && args?.['channel'] === room && JSON.stringify(args).includes('<@U0BOB>'),
    )
    expect(calling.map(({ method }) => method)).toEqual(['chat.postMessage'])
  })
})
