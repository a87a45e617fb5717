/** Somebody is suspended while a card waits for them in Telegram, and comes back. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { graphql } from '../../api/client/index.ts'
import { haveEmulators } from '../emulators.ts'
import { setTheStage, type Stage } from './telegram-baton.ts'
import { buttonsOf, hasButton, inChat, labelsOf, press, type TgMessage, type TgPerson } from './telegram-support.ts'

const FLOW = `
apiVersion: baton/v1
kind: Flow
metadata: {name: gate, title: Gate}
spec:
  nodes:
    gate: {use: approval, title: Approve, with: {approvers: [Quinn, Rosa], need: 1}}
---
apiVersion: baton/v1
kind: App
metadata: {name: gate, title: Gate}
spec: {flow: gate, launch: [everyone]}
`
const launch = graphql(`
  mutation TestLaunchGate {
    launch(input: { app: "gate" }) {
      id
      phase
    }
  }
`)
const people = graphql(`
  query TestPeople($search: String) {
    people(search: $search) {
      nodes {
        id
      }
    }
  }
`)
const suspend = graphql(`
  mutation TestSuspend($id: ID!) {
    suspendPerson(id: $id) {
      active
    }
  }
`)
const restore = graphql(`
  mutation TestRestore($id: ID!) {
    restorePerson(id: $id) {
      active
    }
  }
`)

describe.skipIf(!haveEmulators)('somebody who is suspended', () => {
  let stage: Stage
  let quinn: TgPerson
  beforeAll(async () => {
    stage = await setTheStage('polling')
    quinn = await stage.person('Quinn', 'starter')
    await stage.person('Rosa', 'starter')
    await stage.apply(FLOW)
  })
  afterAll(() => stage?.stop())
  const now = (message: TgMessage): TgMessage =>
    inChat(stage.emulator, quinn).find(({ message_id: id }) => id === message.message_id)!

  test('their card loses its buttons within two seconds, an old button does nothing, and all comes back with them', async () => {
    const { owner, emulator } = stage
    await owner.query(launch)
    const card = await emulator.waitForMessage(quinn, hasButton('Approve'))
    const approve = buttonsOf(card).find(({ text }) => text === 'Approve')!.callback_data!
    const [found] = (await owner.query(people, { search: 'Quinn' })).people.nodes
    const began = performance.now()
    await owner.query(suspend, { id: found!.id })
    await vi.waitFor(() => expect(labelsOf(now(card))).toEqual([]), { timeout: 20_000, interval: 10 })
    expect(performance.now() - began).toBeLessThan(2000)
    expect(now(card).text).toContain('not yours to see any more')
    // A copy of the button as it was.
    const forged = await quinn.forgePress(now(card), approve).waitAnswer()
    expect(forged.text ?? '').toMatch(/suspended|not in Baton yet|Nothing changed/)
    quinn.send('/inbox')
    await emulator.waitForMessage(quinn, ({ text }) => /Your account is suspended. Olga can lift that/.test(text))

    await owner.query(restore, { id: found!.id })
    await vi.waitFor(() => expect(labelsOf(now(card))).toContain('Approve'), { timeout: 20_000, interval: 10 })
    await press(quinn, now(card), 'Approve')
    await vi.waitFor(() => expect(now(card).text).toMatch(/Approved by Quinn/), { timeout: 20_000, interval: 10 })
    emulator.log.assertClean()
  })
})
