/** Somebody is suspended while a card waits for them in Telegram, and comes back. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { haveEmulators } from '../emulators.ts'
import { gateFor, launchGate, personCalled } from './stories/suspended.ts'
import { setTheStage, type Stage } from './telegram-baton.ts'
import { buttonsOf, hasButton, inChat, labelsOf, press, type TgMessage, type TgPerson } from './telegram-support.ts'

describe.skipIf(!haveEmulators)('somebody who is suspended', () => {
  let stage: Stage
  let quinn: TgPerson
  beforeAll(async () => {
    stage = await setTheStage('polling')
    quinn = await stage.person('Quinn', 'starter')
    await stage.person('Rosa', 'starter')
    await stage.apply(gateFor(['Quinn', 'Rosa']))
  })
  afterAll(() => stage?.stop())
  const now = (message: TgMessage): TgMessage =>
    inChat(stage.emulator, quinn).find(({ message_id: id }) => id === message.message_id)!

  test('their card loses its buttons within two seconds, an old button does nothing, and all comes back with them', async () => {
    const { owner, emulator } = stage
    await launchGate(owner)
    const card = await emulator.waitForMessage(quinn, hasButton('Approve'))
    const approve = buttonsOf(card).find(({ text }) => text === 'Approve')!.callback_data!
    const standing = await personCalled(owner, 'Quinn')
    const began = performance.now()
    await standing.suspend()
    await vi.waitFor(() => expect(labelsOf(now(card))).toEqual([]), { timeout: 20_000, interval: 10 })
    expect(performance.now() - began).toBeLessThan(2000)
    expect(now(card).text).toContain('not yours to see any more')
    // A copy of the button as it was.
    const forged = await quinn.forgePress(now(card), approve).waitAnswer()
    expect(forged.text ?? '').toMatch(/suspended|not in Baton yet|Nothing changed/)
    quinn.send('/inbox')
    await emulator.waitForMessage(quinn, ({ text }) => /Your account is suspended. Olga can lift that/.test(text))

    await standing.restore()
    await vi.waitFor(() => expect(labelsOf(now(card))).toContain('Approve'), { timeout: 20_000, interval: 10 })
    await press(quinn, now(card), 'Approve')
    await vi.waitFor(() => expect(now(card).text).toMatch(/Approved by Quinn/), { timeout: 20_000, interval: 10 })
    emulator.log.assertClean()
  })
})
