/** A thousand failures at once, against a whole Baton beside a strict Slack: nobody gets a storm, and nobody is left in the dark. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ClientError, graphql } from '../../api/client/index.ts'
import { haveEmulators } from '../emulators.ts'
import { slackWorld, textOf, type World } from './slack-world.ts'

const FAILURES = 1_000
/** As many as come one by one before it is a storm. */
const BY_THEMSELVES = 10
const documents = `
apiVersion: baton/v1
kind: Flow
metadata: {name: knock, title: Knock}
spec:
  nodes: {knock: {use: http.request@1, title: Knock, with: {method: GET, url: "http://127.0.0.1:1/"}}}
  notify: {attention: ["role:ops", "room:slack:C0OPS"]}
---
apiVersion: baton/v1
kind: App
metadata: {name: knock, title: Knock}
spec: {flow: knock, taskTitle: Knock at the door}
`
const launch = graphql(`
  mutation StormLaunch {
    launch(input: { app: "knock" }) {
      id
    }
  }
`)
const failed = graphql(`
  query StormFailed {
    tasks(first: 1, phase: [ATTENTION]) {
      totalCount
    }
  }
`)

describe.skipIf(!haveEmulators)('a thousand failures at once', () => {
  let world: World
  beforeAll(async () => {
    world = await slackWorld('http', { documents, publish: ['knock'] })
  })
  afterAll(() => world?.stop())

  test(
    'are a few alerts and a digest a minute for everybody who is told, the room included',
    { timeout: 400_000 },
    async () => {
      const { emu, owner, bob, carol, room } = world
      const said = { bob: bob.reads().length, carol: carol.reads().length, room: bob.reads(room).length }
      const began = performance.now()
      let left = FAILURES
      const launchOn = async (): Promise<void> => {
        while (left > 0) {
          left--
          try {
            await owner.query(launch)
          } catch (error) {
            if (!(error instanceof ClientError && error.code === 'RATE_LIMITED')) throw error
            left++ // the door lets fifty in a second
            await new Promise((resolve) => setTimeout(resolve, 100))
          }
        }
      }
      await Promise.all(Array.from({ length: 8 }, launchOn))
      await expect
        .poll(async () => (await owner.query(failed)).tasks.totalCount, { timeout: 120_000, interval: 500 })
        .toBe(FAILURES)
      const all = `${FAILURES} tasks of Knock need someone. First: Knock at the door`
      for (const reader of [bob.id, carol.id, room])
        await emu.waitForMessage(reader, (message) => textOf(message).includes(all), 150_000)
      const minutes = Math.ceil((performance.now() - began) / 60_000)
      const most = BY_THEMSELVES + 1 + minutes
      expect(bob.reads().length - said.bob).toBeLessThanOrEqual(most)
      expect(carol.reads().length - said.carol).toBeLessThanOrEqual(most)
      expect(bob.reads(room).length - said.room).toBeLessThanOrEqual(most)
    },
  )
})
