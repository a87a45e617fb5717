/** Somebody is suspended while a card waits for them in Slack, and comes back. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { haveEmulators, type SlackMessage } from '../emulators.ts'
import { buttonsOf, hasButton, slackWorld, textOf, type World } from './slack-world.ts'
import { gateFor, launchGate, personCalled, phaseOf } from './stories/suspended.ts'

const LONG = 60_000
describe.skipIf(!haveEmulators)('somebody who is suspended, in Slack', () => {
  let world: World
  beforeAll(async () => {
    world = await slackWorld('http', {
      documents: gateFor(['Bob Builder', 'Carol Ops']),
      publish: ['gate'],
      emulator: { rateLimits: 'post', timeScale: 0.001 },
    })
  })
  afterAll(async () => {
    if (world) expect(world.emu.log.failures).toEqual([])
    await world?.stop()
  })

  test('their card loses facts and buttons within two seconds, an old button and a command do nothing, and all comes back with them', async () => {
    const { emu, owner, bob } = world
    const task = await launchGate(owner)
    const card = await emu.waitForMessage(bob.id, (message) => hasButton(message, 'approve'), LONG)
    const now = (): SlackMessage => emu.message(card.channel, card.ts)!
    const approve = card.blocks
      .flatMap((block) => block.elements ?? [])
      .find((element) => element.action_id === 'approve')?.value
    const standing = await personCalled(owner, 'Bob')
    const began = performance.now()
    await standing.suspend()
    await vi.waitFor(() => expect(buttonsOf(now())).toEqual([]), { timeout: LONG, interval: 10 })
    expect(performance.now() - began).toBeLessThan(2000)
    expect(textOf(now())).toContain('not yours to see any more')
    expect(textOf(now())).not.toContain('Gate')

    // A copy of the button as it was: told in private, and nothing is decided.
    const mark = emu.log.mark()
    await emu.delivery.send('interactive', {
      type: 'block_actions',
      user: { id: bob.id, team_id: emu.team.id },
      team: { id: emu.team.id },
      api_app_id: 'A',
      trigger_id: 'none',
      container: { type: 'message', message_ts: card.ts, channel_id: card.channel, is_ephemeral: false },
      channel: { id: card.channel },
      message: { ts: card.ts },
      actions: [{ type: 'button', action_id: 'approve', block_id: 'act', value: approve, action_ts: '1' }],
    })
    const told = await emu.log.waitFor(
      ({ kind, message }) => kind === 'message' && /suspended/.test(JSON.stringify(message)),
      {
        since: mark,
        timeout: 20_000,
      },
    )
    expect(JSON.stringify(told['message'])).toContain('can lift that')
    expect(await phaseOf(owner, task)).toBe('WAITING')
    await bob.slash('/baton', 'inbox')
    await emu.waitForMessage(bob.id, (message) => textOf(message).includes('Your account is suspended'), LONG)

    await standing.restore()
    await vi.waitFor(() => expect(buttonsOf(now())).toContain('approve'), { timeout: LONG })
    await bob.click(now(), 'approve')
    await vi.waitFor(() => expect(textOf(now())).toContain('Approved'), { timeout: LONG })
    await vi.waitFor(async () => expect(await phaseOf(owner, task)).toBe('SUCCEEDED'))
  })
})
