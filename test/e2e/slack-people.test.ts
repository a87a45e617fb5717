import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { graphql } from '../../api/client/index.ts'
import { haveEmulators, type SlackElement, type SlackMessage, type SlackPerson } from '../emulators.ts'
import { about, buttonsOf, everywhere, hasButton, headerOf, slackWorld, textOf, type World } from './slack-world.ts'

const LONG = 60_000
const taskQuery = graphql(`
  query PeopleTask($number: Int!) {
    task(number: $number) {
      id
      number
      title
      phase
      outcome
      variables
      node(id: "call") {
        state
        attempt
        attempts {
          attempt
          by {
            name
          }
        }
      }
    }
  }
`)
const owedQuery = graphql(`
  query PeopleOwed {
    deliveries(undeliverable: false) {
      nodes {
        id
      }
    }
  }
`)
const tasksQuery = graphql(`
  query PeopleTasks {
    tasks(first: 1) {
      nodes {
        number
      }
      totalCount
    }
  }
`)

/** What the flow's one step asks: /good answers, anything else does not. */
function target(): Promise<{ port: number; hold(): () => void; close(): void }> {
  let held: Promise<void> | null = null
  const server = createServer((request, response) => {
    void (held ?? Promise.resolve()).then(() =>
      response.writeHead(request.url === '/good' ? 200 : 500).end(`asked for ${request.url}`),
    )
  })
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () =>
      resolve({
        port: (server.address() as AddressInfo).port,
        hold() {
          let release = (): void => undefined
          held = new Promise((free) => (release = free))
          return () => {
            held = null
            release()
          }
        },
        close: () => (server.closeAllConnections(), void server.close()),
      }),
    ),
  )
}
const documents = (port: number): string => `
apiVersion: baton/v1
kind: Flow
metadata: {name: ask-it, title: Ask it}
spec:
  variables:
    page: {type: text, title: Page, required: true, default: bad, onCard: true}
    pin: {type: password, title: PIN}
    note: {type: text, title: Note}
  nodes:
    call:
      use: http.request@1
      title: Call
      with: {url: "http://127.0.0.1:${port}/\${page}", success: response.status == 200}
      onFail: {then: ask, advice: Use the good page.}
      allow: {retry: [starter, operator], skip: [operator], byhand: [operator]}
  notify: {attention: [starter, "role:ops"]}
---
apiVersion: baton/v1
kind: App
metadata: {name: ask-it, title: Ask it}
spec: {flow: ask-it, launch: [everyone], see: [everyone], operators: ["role:ops"], taskTitle: "Ask for \${page}"}
---
apiVersion: baton/v1
kind: Flow
metadata: {name: decide-it, title: Decide it}
spec:
  variables:
    what: {type: text, title: What, required: true, onCard: true}
  nodes:
    gate:
      use: approval
      title: Agree
      with: {approvers: ["role:ops"], need: 1, onReject: fail}
    go: {use: set@1, title: Go, with: {what: "\${what} agreed"}, save: {what: what}}
---
apiVersion: baton/v1
kind: App
metadata: {name: decide-it, title: Decide it}
spec: {flow: decide-it, launch: [everyone], see: [everyone], operators: ["role:ops"], taskTitle: "Decide \${what}"}
`

describe.skipIf(!haveEmulators)('people in Slack', () => {
  let world: World
  let page: Awaited<ReturnType<typeof target>>
  beforeAll(async () => {
    page = await target()
    world = await slackWorld('http', {
      documents: documents(page.port),
      publish: ['ask-it', 'decide-it'],
      emulator: { rateLimits: 'post', timeScale: 0.001 },
    })
  })
  afterAll(async () => {
    if (world) expect(world.emu.log.failures).toEqual([])
    await world?.stop()
    page?.close()
  })

  /** Launches and answers with the task's number. */
  async function launch(
    person: SlackPerson,
    text: string,
    more: { channel?: string } = { channel: world.room },
  ): Promise<number> {
    const before = (await world.owner.query(tasksQuery)).tasks.totalCount
    await person.slash('/baton', text, more)
    await person.waitForModal((view) => view.callback_id === 'baton_form', 10_000)
    for (let answer = await person.submit(); !answer.closed; answer = await person.submit())
      expect(answer.pushed).toBeDefined()
    return vi.waitFor(async () => {
      const { tasks } = await world.owner.query(tasksQuery) // a list may lag a moment
      expect(tasks.totalCount).toBe(before + 1)
      return tasks.nodes[0]?.number ?? 0
    })
  }
  const taskOf = async (number: number) => (await world.owner.query(taskQuery, { number })).task
  const phase = (number: number, wanted: string) =>
    vi.waitFor(async () => expect((await taskOf(number))?.phase).toBe(wanted), { timeout: LONG })
  const button = (message: SlackMessage, id: string): SlackElement => {
    const found = message.blocks.flatMap((block) => block.elements ?? []).find((element) => element.action_id === id)
    if (!found) throw new Error(`expected a button ${id}, but there are ${buttonsOf(message).join(', ')}`)
    return found
  }
  /** A press on what the person's client still shows, although the message has changed: as on a phone that was in a tunnel. */
  async function pressLate(person: SlackPerson, message: SlackMessage, id: string): Promise<string> {
    const mark = world.emu.log.mark()
    const { value } = button(message, id)
    const action = { type: 'button', action_id: id, block_id: 'act', value, action_ts: `${Date.now() / 1000}` }
    const team = { id: world.emu.team.id }
    await world.emu.delivery.send('interactive', {
      type: 'block_actions',
      user: { id: person.id, team_id: team.id },
      team,
      api_app_id: 'A',
      trigger_id: 'none',
      container: { type: 'message', message_ts: message.ts, channel_id: message.channel, is_ephemeral: false },
      channel: { id: message.channel },
      message: { ts: message.ts },
      actions: [action],
    })
    return saidTo(person, mark)
  }
  /** What the bot told this person and nobody else since. */
  async function saidTo(person: SlackPerson, since: number): Promise<string> {
    const entry = await world.emu.log.waitFor(
      (one) =>
        one.kind === 'message' &&
        ((one['message'] as SlackMessage)._ephemeralTo === person.id ||
          (one['channel'] === person.dm() && !one['edited'])),
      { since, timeout: 10_000 },
    )
    return textOf(entry['message'] as SlackMessage)
  }

  test('of two who press Retry at once one wins, and the other reads who was first', async () => {
    const { emu, alice, bob } = world
    const number = await launch(alice, 'ask-it page=bad')
    const [hers, his] = await Promise.all([
      emu.waitForMessage(alice.id, about(number, 'retry'), LONG),
      emu.waitForMessage(bob.id, about(number, 'retry'), LONG),
    ])
    const release = page.hold()
    const mark = emu.log.mark()
    await Promise.all([alice.click(hers, 'retry'), bob.click(his, 'retry')])
    const told = await emu.log.waitFor(
      (one) => one.kind === 'message' && Boolean((one['message'] as SlackMessage)._ephemeralTo),
      { since: mark, timeout: 10_000 },
    )
    const loser = (told['message'] as SlackMessage)._ephemeralTo
    expect(textOf(told['message'] as SlackMessage)).toContain(loser === alice.id ? 'Bob Builder' : 'Alice Adams')
    expect((await taskOf(number))?.node?.attempts.map(({ attempt }) => attempt)).toEqual([1, 2])
    for (const message of [hers, his])
      await emu.waitForMessage(
        message.channel,
        (one) => one.ts === message.ts && buttonsOf(one).length === 0 && textOf(one).includes('Retried'),
        LONG,
      )

    // And who presses later still, on a card that has not caught up, is told the same.
    expect(await pressLate(alice, hers, 'retry')).toMatch(/retried|Retried/)
    release()
  })

  test('the person who launched edits and retries; a fixed copy everywhere, in the room no values', async () => {
    const { emu, alice, bob, room } = world
    const number = await launch(alice, 'ask-it page=bad note="kept between us"')
    const alert = await emu.waitForMessage(alice.id, about(number, 'edit_retry'), LONG)
    const card = await emu.waitForMessage(room, (message) => textOf(message).includes(`#${number}`), LONG)
    await alice.click(alert, 'edit_retry')
    await alice.waitForModal((view) => view.callback_id === 'baton_form')
    await alice.fill('page', 'good')
    for (let answer = await alice.submit(); !answer.closed; answer = await alice.submit())
      expect(answer.pushed).toBeDefined()
    await phase(number, 'SUCCEEDED')
    await emu.waitForMessage(room, (message) => message.ts === card.ts && headerOf(message).includes('✅'), LONG)
    await vi.waitFor(() => expect(everywhere(emu, about(number, 'retry'))).toEqual([]), { timeout: LONG })
    expect(
      everywhere(emu, ({ channel }) => channel === room)
        .map(textOf)
        .join(),
    ).not.toContain('kept between us')
    expect(bob.reads(room).length).toBeGreaterThan(0)
  })

  test('a stranger gets the way in, somebody without the right gets why; nothing changes and nobody else hears of it', async () => {
    const { emu, alice, mallory, room } = world
    const release = page.hold()
    const number = await launch(alice, 'ask-it page=good')
    const card = await emu.waitForMessage(room, about(number, 'revoke'), LONG)
    let mark = emu.log.mark()
    await mallory.click(card, 'revoke')
    expect(await saidTo(mallory, mark)).toContain('Join as Mallory')
    expect((await taskOf(number))?.phase).toBe('RUNNING')
    // In now, as a starter: not of this task.
    const offer = await emu.waitForMessage(
      room,
      (message) => message._ephemeralTo === mallory.id && hasButton(message, 'join_baton'),
    )
    await mallory.click(offer, 'join_baton')
    await emu.waitForMessage(
      room,
      (message) => message._ephemeralTo === mallory.id && textOf(message).includes('You are in as Mallory'),
    )
    mark = emu.log.mark()
    await mallory.click(card, 'revoke')
    expect(await saidTo(mallory, mark)).not.toContain('Stopped')
    expect((await taskOf(number))?.phase).toBe('RUNNING')
    for (const heard of emu.log.filter((one) => one.kind === 'message', mark))
      expect((heard['message'] as SlackMessage)._ephemeralTo ?? mallory.id).toBe(mallory.id)
    // Who may is asked once more by Slack's own dialog; "Keep it running" sends nothing.
    expect((await alice.click(card, 'revoke', { deny: true })).denied).toBe(true)
    expect((await taskOf(number))?.phase).toBe('RUNNING')
    await alice.click(card, 'pause')
    await phase(number, 'PAUSED')
    await alice.click(await emu.waitForMessage(room, about(number, 'resume'), LONG), 'resume')
    await phase(number, 'RUNNING')
    await alice.click(await emu.waitForMessage(room, about(number, 'pause'), LONG), 'revoke')
    await phase(number, 'REVOKED')
    const stopped = await emu.waitForMessage(
      room,
      (message) => message.ts === card.ts && textOf(message).includes('Stopped'),
      LONG,
    )
    expect(textOf(stopped)).toContain('Alice Adams')
    release()
  })

  test('an approval: rejected with a reason by one, everybody else’s copy says so; a replay of the signed press changes nothing', async () => {
    const { emu, alice, bob, carol } = world
    const number = await launch(alice, 'decide-it what=this')
    const [his, hers] = await Promise.all([
      emu.waitForMessage(bob.id, about(number, 'reject'), LONG),
      emu.waitForMessage(carol.id, about(number, 'reject'), LONG),
    ])
    await bob.click(his, 'reject')
    await bob.waitForModal((view) => view.callback_id === 'baton_form')
    await expect(bob.submit()).rejects.toThrow('Slack does not submit') // a reason is asked for
    await bob.fill('.note', 'not *this* week')
    expect((await bob.submit()).closed).toBe(true)
    for (const message of [his, hers]) {
      const decided = await emu.waitForMessage(
        message.channel,
        (one) => one.ts === message.ts && textOf(one).includes('Rejected'),
        LONG,
      )
      expect(buttonsOf(decided)).toEqual([])
      expect(textOf(decided)).toContain('not *this* week')
    }
    await phase(number, 'ATTENTION')
    expect(await pressLate(carol, hers, 'approve')).toMatch(/rejected/i)
    expect((await emu.delivery.forge('replay')).status).toBe(200)
    await phase(number, 'ATTENTION')
    expect(everywhere(emu, about(number, 'approve'))).toEqual([])
  })

  test('a secret is refused in key=value and asked for on the phone', async () => {
    const { emu, alice, room, owner } = world
    const before = (await owner.query(tasksQuery)).tasks.totalCount
    const mark = emu.log.mark()
    await alice.slash('/baton', 'ask-it page=good pin=8675309', { channel: room })
    const said = await saidTo(alice, mark)
    expect(said).toContain('PIN')
    expect(JSON.stringify(emu.log.filter((one) => one.kind !== 'deliver' && one.kind !== 'ack', mark))).not.toContain(
      '8675309',
    )
    expect((await owner.query(tasksQuery)).tasks.totalCount).toBe(before)
    expect(world.baton.output()).not.toContain('8675309')
    await alice.slash('/baton', 'ask-it page=good', { channel: room })
    const form = await alice.waitForModal((view) => view.callback_id === 'baton_form')
    expect(JSON.stringify(form.blocks)).toContain('Only on the phone page: PIN')
    expect(form.blocks.map(({ block_id }) => block_id)).not.toContain('pin')
    await alice.clickInView('phone')
    await alice.waitForModal((view) => JSON.stringify(view.blocks).includes('/sign-in#code='))
    await alice.closeModal()
  })

  test('while Slack is away nothing is lost: afterwards one card with the present state', async () => {
    const { emu, alice, room } = world
    const release = page.hold()
    const number = await launch(alice, 'ask-it page=good')
    const card = await emu.waitForMessage(room, about(number, 'pause'), LONG)
    emu.failNext('chat.update', { drop: true }, 1000)
    emu.failNext('chat.postMessage', { drop: true }, 1000)
    const { id } = (await taskOf(number)) ?? { id: '' }
    for (let n = 0; n < 4; n++) {
      await world.owner.query(
        graphql(`
          mutation PeoplePause($id: ID!) {
            pauseTask(id: $id) {
              phase
            }
          }
        `),
        { id },
      )
      await world.owner.query(
        graphql(`
          mutation PeopleResume($id: ID!) {
            resumeTask(id: $id) {
              phase
            }
          }
        `),
        { id },
      )
    }
    release()
    await phase(number, 'SUCCEEDED')
    expect(headerOf(emu.message(room, card.ts) as SlackMessage)).not.toContain('✅')
    const mark = emu.log.mark()
    emu.faults.length = 0
    await emu.waitForMessage(room, (message) => message.ts === card.ts && headerOf(message).includes('✅'), LONG)
    const edits = emu.log.filter(
      ({ kind, method, args, result }) =>
        kind === 'api' && method === 'chat.update' && args?.['ts'] === card.ts && result?.['ok'] === true,
      mark,
    )
    expect(edits).toHaveLength(1)
    expect(
      everywhere(
        emu,
        (message) => message.channel === room && textOf(message).includes(`#${number}`) && !message._ephemeralTo,
      ),
    ).toHaveLength(1)
  })

  test('killed and started again, Baton knows what the buttons on old cards mean', async () => {
    const { emu, alice, bob, baton, owner } = world
    const number = await launch(alice, 'ask-it page=bad')
    const his = await emu.waitForMessage(bob.id, about(number, 'skip'), LONG)
    // A message that was posted and not yet acknowledged would be posted a second time: at least once.
    await vi.waitFor(async () => expect((await owner.query(owedQuery)).deliveries.nodes).toEqual([]), { timeout: LONG })
    await baton.kill()
    await baton.restart()
    await bob.click(his, 'skip')
    await bob.waitForModal((view) => view.callback_id === 'baton_form', 10_000)
    await bob.fill('.note', 'not needed')
    expect((await bob.submit()).closed).toBe(true)
    await phase(number, 'SUCCEEDED')
    await emu.waitForMessage(
      bob.id,
      (message) =>
        message.ts === his.ts && textOf(message).includes('Skipped') && textOf(message).includes('not needed'),
      LONG,
    )
  })

  test('forged requests change nothing', async () => {
    const { emu, owner } = world
    const before = (await owner.query(tasksQuery)).tasks.totalCount
    for (const how of [
      'bad-signature',
      'wrong-secret',
      'stale',
      'future',
      'no-headers',
      'body-tampered',
      'v1-signature',
    ])
      expect((await emu.delivery.forge(how)).status, how).toBe(401)
    expect((await owner.query(tasksQuery)).tasks.totalCount).toBe(before)
  })

  test('what waits, in words and with a button that brings its card; run again comes filled in', async () => {
    const { emu, alice, bob, room } = world
    const number = await launch(alice, 'decide-it what=that', {})
    await emu.waitForMessage(bob.id, about(number, 'approve'), LONG)
    await bob.slash('/baton', 'inbox', { channel: room })
    const inbox = await emu.waitForMessage(
      room,
      (message) => message._ephemeralTo === bob.id && hasButton(message, 'show'),
      10_000,
    )
    await bob.click(inbox, 'show')
    await vi.waitFor(
      () =>
        expect(everywhere(emu, about(number, 'approve')).filter(({ channel }) => channel === bob.dm())).toHaveLength(2),
      { timeout: LONG },
    )
    const [first] = everywhere(emu, about(number, 'approve')).filter(({ channel }) => channel === bob.dm())
    await bob.click(first as SlackMessage, 'approve')
    await vi.waitFor(() => expect(everywhere(emu, about(number, 'approve'))).toEqual([]), { timeout: LONG })
    const receipt = await emu.waitForMessage(alice.id, about(number, 'run_again'), LONG)
    await alice.click(receipt, 'run_again')
    const form = await alice.waitForModal((view) => view.callback_id === 'baton_form')
    expect(JSON.stringify(form.blocks)).toContain('that')
    await alice.closeModal()
  })

  test('in a room the bot is not in, the card comes to the starter in private, with how to mend it', async () => {
    const { emu, alice } = world
    const closed = emu.addChannel({ id: 'C0CLOSED', name: 'closed', members: [alice], bot: false })
    const number = await launch(alice, 'ask-it page=good', { channel: closed })
    await emu.waitForMessage(
      alice.id,
      (message) => headerOf(message).includes('✅') && textOf(message).includes(`#${number}`),
      LONG,
    )
    await emu.waitForMessage(
      alice.id,
      (message) => /invite/i.test(textOf(message)) && textOf(message).includes('C0CLOSED'),
      LONG,
    )
    expect(alice.reads(closed).filter((message) => !message._ephemeralTo)).toEqual([])
  })
})
