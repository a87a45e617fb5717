import { afterEach, describe, expect, test, vi } from 'vitest'
import { haveEmulators } from '../emulators.ts'
import { buttonsOf, everywhere, hasButton, headerOf, slackWorld, textOf, type World } from './slack-world.ts'

let world: World | undefined
afterEach(async () => {
  await world?.stop()
  world = undefined
})
const LONG = 60_000

describe.skipIf(!haveEmulators).each(['http', 'socket'] as const)('a release from Slack over %s', (mode) => {
  test('launched by a form, approved by a second person, fails, edited and retried, finishes; every copy shows the same', async () => {
    world = await slackWorld(mode)
    const { emu, alice, bob, room } = world

    await alice.slash('/baton', 'rel', { channel: room })
    await alice.waitForModal((view) => view.callback_id === 'baton_form')
    await alice.fill('version', '2.15.0')
    expect(Object.keys((await alice.submit()).errors ?? {})).toEqual(['version'])
    await alice.fill('version', 'v2.15.0')
    await alice.fill('changes', 'New *prices* & <!channel> `x`')
    const review = (await alice.submit()).pushed
    expect(JSON.stringify(review?.blocks)).toContain('This replaces the running shop')
    expect((await alice.submit()).closed).toBe(true)

    const card = await emu.waitForMessage(
      room,
      (message) => headerOf(message).includes('Release v2.15.0 to production'),
      LONG,
    )
    const ask = await emu.waitForMessage(bob.id, (message) => hasButton(message, 'approve'), LONG)
    expect(textOf(ask)).toContain('New *prices* & <!channel> `x`')
    expect(
      everywhere(emu, (message) => hasButton(message, 'approve')).every((message) => message.channel !== room),
    ).toBe(true)
    await bob.click(ask, 'approve')
    await emu.waitForMessage(
      bob.id,
      (message) => message.ts === ask.ts && textOf(message).includes('Bob Builder') && buttonsOf(message).length === 0,
      LONG,
    )
    await vi.waitFor(() => expect(everywhere(emu, (message) => hasButton(message, 'approve'))).toEqual([]), {
      timeout: LONG,
    })

    const alert = await emu.waitForMessage(alice.id, (message) => hasButton(message, 'edit_retry'), LONG)
    const copy = await emu.waitForMessage(bob.id, (message) => hasButton(message, 'edit_retry'), LONG)
    expect(textOf(alert)).toMatch(/Disk full on \/srv.*Usually a full disk.*No space left on device/s)
    expect(emu.message(room, card.ts) && textOf(emu.message(room, card.ts) as typeof card)).not.toContain(
      'No space left',
    )
    await alice.click(alert, 'edit_retry')
    await alice.waitForModal((view) => view.callback_id === 'baton_form')
    await alice.fill('disk', '=/data')
    for (let answer = await alice.submit(); !answer.closed; answer = await alice.submit())
      expect(answer.pushed).toBeDefined()
    for (const [person, message] of [
      [alice, alert],
      [bob, copy],
    ] as const) {
      await emu.waitForMessage(
        person.id,
        (one) => one.ts === message.ts && textOf(one).includes('Retried') && buttonsOf(one).length === 0,
        LONG,
      )
    }

    const receipt = await emu.waitForMessage(
      room,
      (message) => message.ts === card.ts && headerOf(message).includes('✅'),
      LONG,
    )
    expect(textOf(receipt)).toContain('Succeeded')
    expect(buttonsOf(receipt)).toEqual(['run_again', 'open'])
    await emu.waitForMessage(alice.id, (message) => textOf(message).includes('v2.15.0 runs on production'), LONG)
    expect(
      everywhere(emu, (message) =>
        ['approve', 'retry', 'edit_retry', 'pause', 'revoke'].some((id) => hasButton(message, id)),
      ),
    ).toEqual([])
    expect(
      everywhere(emu, (message) => headerOf(message).includes('Release v2.15.0') && message.channel === room),
    ).toHaveLength(1)
    expect(emu.log.failures).toEqual([])
  })
})
