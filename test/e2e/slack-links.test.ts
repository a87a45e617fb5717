import { afterEach, describe, expect, test } from 'vitest'
import { haveEmulators, type LogEntry } from '../emulators.ts'
import { headerOf, slackWorld, type World } from './slack-world.ts'

let world: World | undefined
afterEach(async () => {
  await world?.stop()
  world = undefined
})
const LONG = 60_000

describe.skipIf(!haveEmulators)('a link to a task in Slack', () => {
  test('shows its state where its card stands, its title elsewhere, and nothing for a stranger’s', async () => {
    world = await slackWorld('http')
    const { emu, baton, alice, bob, mallory, room } = world
    const other = emu.addChannel({ id: 'C0OTHER', name: 'other', members: [alice, bob, mallory] })
    await alice.slash('/baton', 'rel', { channel: room })
    await alice.waitForModal((view) => view.callback_id === 'baton_form')
    await alice.fill('version', 'v2.15.0')
    await alice.submit()
    await alice.waitForModal((view) => view.callback_id === 'baton_review', LONG)
    await alice.submit()
    await emu.waitForMessage(room, (message) => headerOf(message).includes('Release v2.15.0'), LONG)

    const url = `${baton.url}/tasks/1`
    const unfurled = (channel: string): Promise<LogEntry> =>
      emu.log.waitFor(({ method, args }) => method === 'chat.unfurl' && args?.['channel'] === channel, {
        timeout: LONG,
        what: `a link shown in ${channel}`,
      })
    await mallory.say(`see ${url}`, { channel: other })
    await bob.say(`see ${url}`, { channel: room })
    await bob.say(`see ${url}`, { channel: other })
    const here = JSON.stringify((await unfurled(room)).args)
    expect(here).toMatch(/Release v2\.15\.0/)
    expect(here).toMatch(/Started by/)
    expect(here).not.toContain('"actions"')
    const there = JSON.stringify((await unfurled(other)).args)
    expect(there).toContain('Release v2.15.0 to production #1')
    expect(there).not.toMatch(/Started by|Running|Waiting/)
    expect(emu.log.filter(({ method }) => method === 'chat.unfurl')).toHaveLength(2)
    expect(emu.log.failures).toEqual([])
  })
})
