import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { graphql } from '../../api/client/index.ts'
import { haveEmulators } from '../emulators.ts'
import { setTheStage, type Stage, type Way } from './telegram-baton.ts'
import {
  buttonsOf,
  hasButton,
  inChat,
  initDataMaker,
  labelsOf,
  press,
  type TgMessage,
  type TgPerson,
} from './telegram-support.ts'

/** Flows that park at a failing step or an approval: what people do with them is what is tested. Two apps, since ten alerts of one become a digest. */
const parked = `apiVersion: baton/v1
kind: Flow
metadata: {name: parked, title: Parked}
spec:
  variables: {what: {type: text, title: What, required: true, onCard: true}, secretNote: {type: text, title: Note}}
  nodes:
    check: {use: http.request@1, title: Check, with: {method: GET, url: "\${project.STATUS_URL}/no-such-\${what}", success: "response.status == 418"}, onFail: {then: ask, advice: "Check the address."}, allow: {retry: [starter, operator]}}
---
apiVersion: baton/v1
kind: App
metadata: {name: parked, title: Parked}
spec: {flow: parked, launch: [everyone], see: [everyone], operators: ["role:ops"], taskTitle: "Park \${what}"}
---
apiVersion: baton/v1
kind: App
metadata: {name: later, title: Later}
spec: {flow: parked, launch: [everyone], see: [everyone], operators: ["role:ops"], taskTitle: "Park \${what}"}
---
apiVersion: baton/v1
kind: Flow
metadata: {name: asking, title: Asking}
spec:
  variables: {what: {type: text, title: What, required: true}}
  nodes:
    approve: {use: approval, title: Approve it, with: {approvers: ["role:qa"], text: "Really \${what}?", notStarter: true}}
---
apiVersion: baton/v1
kind: App
metadata: {name: asking, title: Asking}
spec: {flow: asking, launch: [everyone], see: [everyone], taskTitle: "Ask \${what}"}
`
const auditQuery = graphql(`
  query TestTask($number: Int!) {
    task(number: $number) {
      phase
      outcome
      nodes {
        id
        state
        attempt
        attempts {
          attempt
          by {
            name
            surface
          }
        }
      }
      asks {
        state
        end
        decisions {
          by {
            name
          }
          verdict
          comment
        }
      }
    }
  }
`)
const trustMutation = graphql(`
  mutation TestTrust($id: ID!) {
    trust(platform: TELEGRAM, id: $id) {
      trusted
      role
    }
  }
`)
const workspacesQuery = graphql(`
  query TestWorkspaces {
    workspaces {
      platform
      id
      name
      trusted
    }
  }
`)
const deliveriesQuery = graphql(`
  query TestUndeliverable {
    deliveries(undeliverable: true, first: 20) {
      nodes {
        error
        card {
          place
        }
      }
    }
  }
`)

const numberIn = (message: TgMessage): number => Number(/#(\d+)/.exec(message.text)?.[1])
const says = (text: string) => (message: TgMessage) => message.text.includes(text)
const both =
  (...all: ((message: TgMessage) => boolean)[]) =>
  (message: TgMessage) =>
    all.every((one) => one(message))

describe.skipIf(!haveEmulators).each<Way>(['polling', 'webhook'])('the main job in Telegram, by %s', (way) => {
  let stage: Stage
  beforeAll(async () => void (stage = await setTheStage(way)))
  afterAll(() => stage.stop())

  test('launch by talking, approve, fail, edit and retry, finish: one truth on every card', async () => {
    const { emulator } = stage
    const ann = await stage.person('Ann', 'starter')
    const li = await stage.person('Li Wei', 'operator', ['qa', 'ops'])

    ann.send('/run rel')
    const form = await emulator.waitForMessage(ann, says('step 1 of 4'))
    ann.send('2.14')
    await press(ann, await emulator.waitForMessage(ann, says('⚠️')), 'Cancel')
    ann.send('/run release version=v2.15.0')
    await press(
      ann,
      await emulator.waitForMessage(ann, both(says('step 2 of 4'), hasButton('• Production'))),
      '• Production',
    )
    await press(ann, await emulator.waitForMessage(ann, hasButton('• /srv')), '• /srv')
    ann.send('The basket <is> faster & "safer"')
    const review = await emulator.waitForMessage(ann, hasButton('Launch'))
    expect(review.text).toContain('What changes: The basket <is> faster & "safer"')
    expect(review.text).toContain('This replaces the running shop')
    expect(review.message_id).toBeGreaterThan(form.message_id)
    await press(ann, review, 'Launch')
    const number = numberIn(await emulator.waitForMessage(ann, says('Launched')))

    const ask = await emulator.waitForMessage(li, hasButton('Approve'), 15_000)
    expect(buttonsOf(ask).find(({ text }) => text === 'Approve')?.style).toBe('success')
    expect(ask.text).toContain('The basket <is> faster & "safer"')
    expect(await press(li, ask, 'Approve')).toMatchObject({ show_alert: false })
    await emulator.waitForMessage(
      li,
      both(
        says('Approved by Li Wei'),
        ({ message_id: id, reply_markup: keyboard }) => id === ask.message_id && !keyboard,
      ),
    )

    const alerts = await Promise.all(
      [ann, li].map((person) =>
        emulator.waitForMessage(person, both(says('No space left on device'), hasButton('Retry')), 20_000),
      ),
    )
    expect(alerts[0]?.text).toContain('Disk full on /srv (exit code 3)')
    expect(labelsOf(alerts[0] as TgMessage)).not.toContain('Skip…')
    await press(ann, alerts[0] as TgMessage, 'Edit and retry…')
    const edit = await emulator.waitForMessage(ann, both(says('/srv'), hasButton('Change')))
    await press(ann, edit, 'Change')
    await press(ann, await emulator.waitForMessage(ann, hasButton('Disk')), 'Disk')
    await press(ann, await emulator.waitForMessage(ann, hasButton('/data')), '/data')
    const ready = await emulator.waitForMessage(ann, both(says('/data'), hasButton('Edit and retry')))
    await press(ann, ready, 'Edit and retry')
    for (const [at, person] of [ann, li].entries()) {
      const decided = await emulator.waitForMessage(
        person,
        ({ message_id: id, reply_markup: keyboard, text }) =>
          id === alerts[at]?.message_id && !keyboard && text.includes('Ann'),
        15_000,
      )
      expect(decided.text).toMatch(/[Rr]etried by Ann/)
    }
    const receipt = await emulator.waitForMessage(ann, both(says('Succeeded'), hasButton('Run again')), 30_000)
    expect(receipt.text).toContain('v2.15.0')
    const { task } = await stage.owner.query(auditQuery, { number })
    expect(task?.phase).toBe('SUCCEEDED')
    expect(task?.nodes.find(({ id }) => id === 'deploy_web2')?.attempts.map(({ by }) => by)).toEqual([
      expect.anything(),
      { name: 'Ann', surface: 'telegram' },
    ])
    expect(task?.asks[0]?.decisions).toEqual([{ by: { name: 'Li Wei' }, verdict: 'APPROVE', comment: null }])

    await press(ann, receipt, 'Run again')
    const again = await emulator.waitForMessage(ann, both(says('v2.15.0'), says('/data'), hasButton('Launch')), 15_000)
    await press(ann, again, 'Cancel')
    emulator.log.assertClean()
  })
})

describe.skipIf(!haveEmulators)('people in Telegram', () => {
  let stage: Stage
  let ann: TgPerson
  let bob: TgPerson
  let li: TgPerson
  beforeAll(async () => {
    stage = await setTheStage('polling', { rateLimits: false })
    await stage.apply(parked)
    ann = await stage.person('Ann', 'starter')
    bob = await stage.person('Bob', 'starter', ['qa'])
    li = await stage.person('Li Wei', 'operator', ['ops'])
  })
  afterAll(() => stage.stop())
  const launch = async (
    person: TgPerson,
    app: string,
    what: string,
    at: { chat?: number; thread?: number } = {},
  ): Promise<void> => {
    person.send(`/run${at.chat === undefined ? '' : '@baton_test_bot'} ${app} what=${what}`, at)
    const chat = at.chat ?? person
    for (;;) {
      const form = await stage.emulator.waitForMessage(
        chat,
        both(says(what), (message) => hasButton('Launch')(message) || hasButton('Leave empty')(message)),
      )
      if (hasButton('Launch')(form)) return void (await press(person, form, 'Launch'))
      await press(person, form, 'Leave empty')
    }
  }
  const failed = (person: TgPerson | number, what: string) =>
    stage.emulator.waitForMessage(person, both(says(`Park ${what}`), hasButton('Retry')), 15_000)
  const taskOf = async (message: TgMessage) => (await stage.owner.query(auditQuery, { number: numberIn(message) })).task

  test('two press Retry at the same moment: one attempt runs, the other is told who was first', async () => {
    await launch(ann, 'parked', 'race')
    const [hers, his] = [await failed(ann, 'race'), await failed(li, 'race')]
    const answers = await Promise.all([press(ann, hers, 'Retry'), press(li, his, 'Retry')])
    const told = answers.filter(({ show_alert: alert }) => alert)
    expect(told).toHaveLength(1)
    expect(told[0]?.text).toMatch(/[Rr]etried by (Ann|Li Wei)/)
    await expect.poll(async () => (await taskOf(hers))?.nodes.find(({ id }) => id === 'check')?.attempt).toBe(2)
  })

  test('a late press, on a button that is no longer there, changes nothing and tells the truth', async () => {
    await launch(ann, 'parked', 'late')
    const hers = await failed(ann, 'late')
    const retry = buttonsOf(hers).find(({ text }) => text === 'Retry')?.callback_data ?? ''
    await press(ann, hers, 'Retry')
    await expect.poll(async () => (await taskOf(hers))?.nodes[0]?.attempt).toBe(2)
    const late = await li.forgePress(await failed(li, 'late'), retry).waitAnswer()
    expect(late).toMatchObject({ show_alert: true, text: expect.stringMatching(/[Rr]etried by Ann/) })
    expect((await taskOf(hers))?.nodes[0]?.attempt).toBe(2)
  })

  test('somebody without the right, a stranger and an invented button change nothing; each is told why', async () => {
    await launch(ann, 'parked', 'rights')
    const hers = await failed(ann, 'rights')
    const token = (label: string) => buttonsOf(hers).find(({ text }) => text === label)?.callback_data ?? ''
    const card = await stage.emulator.waitForMessage(bob)
    expect(await bob.forgePress(card, token('Retry')).waitAnswer()).toMatchObject({ show_alert: true })
    expect(await bob.forgePress(card, 'AAAAAAAAAAAAAAAAAAAAAA').waitAnswer()).toMatchObject({ show_alert: true })
    const eve = stage.emulator.addUser({ first_name: 'Eve' })
    eve.start()
    const offer = await stage.emulator.waitForMessage(eve, says('Ask Olga'))
    expect(labelsOf(offer)).toEqual([])
    expect(await eve.forgePress(offer, token('Retry')).waitAnswer()).toMatchObject({
      show_alert: true,
      text: expect.stringContaining('Ask Olga'),
    })
    expect((await taskOf(hers))?.nodes[0]?.attempt).toBe(1)
  })

  test('Stop asks once more, names what it does, and can be taken back; then every card shows who stopped it', async () => {
    await launch(ann, 'parked', 'stop')
    const hers = await failed(ann, 'stop')
    await press(ann, hers, 'Stop…')
    const step = await stage.emulator.waitForMessage(ann, hasButton('Kill and stop now'))
    expect(buttonsOf(step).find(({ text }) => text === 'Kill and stop now')?.style).toBe('danger')
    await press(ann, step, 'Keep it running')
    expect((await taskOf(hers))?.phase).toBe('ATTENTION')
    await press(ann, hers, 'Stop…')
    await press(ann, await stage.emulator.waitForMessage(ann, hasButton('Kill and stop now')), 'Kill and stop now')
    await stage.emulator.waitForMessage(ann, both(says('Park stop'), says('Stopped')))
    await expect.poll(async () => (await taskOf(hers))?.phase).toBe('REVOKED')
    await expect.poll(() => inChat(stage.emulator, li).filter(both(says('Park stop'), hasButton('Retry')))).toEqual([])
    expect(inChat(stage.emulator, ann).filter(hasButton('Kill and stop now'))).toEqual([])
  })

  test('replying to a request is a comment; rejecting asks for the reason, which everybody then reads', async () => {
    await launch(ann, 'asking', 'publish')
    const ask = await stage.emulator.waitForMessage(bob, both(says('Really publish?'), hasButton('Approve')))
    bob.reply(ask, 'Which version?')
    await stage.emulator.waitForMessage(bob, says('Your comment stands'))
    await press(bob, ask, 'Reject…')
    await stage.emulator.waitForMessage(bob, both(says('Reason'), hasButton('Cancel')))
    bob.send('Wrong <week> & day')
    const decided = await stage.emulator.waitForMessage(
      bob,
      ({ message_id: id, reply_markup: keyboard }) => id === ask.message_id && !keyboard,
    )
    expect(decided.text).toContain('Rejected by Bob')
    const task = await taskOf(decided)
    expect(task?.asks[0]?.decisions).toEqual([
      { by: { name: 'Bob' }, verdict: 'REJECT', comment: 'Wrong <week> & day' },
    ])
  })

  test('skipping says what it means, and needs no reason', async () => {
    await launch(ann, 'parked', 'skip')
    const his = await failed(li, 'skip')
    await press(li, his, 'Skip…')
    await press(li, await stage.emulator.waitForMessage(li, hasButton('No reason')), 'No reason')
    await expect.poll(async () => (await taskOf(his))?.phase).toBe('SUCCEEDED')
  })

  test('in a topic: the card lives there, shows what rooms may see, and checks who presses', async () => {
    const { emulator } = stage
    const ops = emulator.addGroup({ title: 'Ops', members: [ann, bob, li], forum: true })
    emulator.chats.get(ops)?.topics.set(7, { name: 'release' })
    await launch(ann, 'parked', 'topic', { chat: ops, thread: 7 })
    const card = await emulator.waitForMessage(ops, both(says('Park topic'), hasButton('Pause')), 15_000)
    expect(card.message_thread_id).toBe(7)
    await failed(ann, 'topic')
    expect(inChat(emulator, ops).filter(says('no-such-topic'))).toEqual([])
    expect(await press(bob, card, 'Stop…')).toMatchObject({ show_alert: true })
    await press(li, card, 'Stop…')
    await press(
      li,
      await emulator.waitForMessage(li, both(says('Park topic'), hasButton('Kill and stop now'))),
      'Kill and stop now',
    )
    await emulator.waitForMessage(
      ops,
      both(says('Stopped'), ({ message_id: id }) => id === card.message_id),
    )
    expect(inChat(emulator, ops).every(({ message_thread_id: thread }) => thread === 7)).toBe(true)
    const { workspaces } = await stage.owner.query(workspacesQuery)
    expect(workspaces).toContainEqual({ platform: 'TELEGRAM', id: String(ops), name: 'Ops', trusted: false })
  })

  test('a group that becomes a supergroup keeps its card, as a new message there', async () => {
    const { emulator } = stage
    const old = emulator.addGroup({ title: 'Small', members: [ann, li], type: 'group' })
    await launch(ann, 'parked', 'moving', { chat: old })
    await emulator.waitForMessage(old, both(says('Park moving'), hasButton('Pause')))
    const alert = await failed(ann, 'moving')
    const moved = emulator.migrate(old)
    await press(ann, alert, 'Stop…')
    await press(ann, await emulator.waitForMessage(ann, hasButton('Kill and stop now')), 'Kill and stop now')
    await emulator.waitForMessage(moved, both(says('Park moving'), says('Stopped')), 15_000)
  })

  test('members of a group the owner trusts join with one button; others are told whom to ask', async () => {
    const { emulator } = stage
    const dan = emulator.addUser({ first_name: 'Dan', last_name: 'Ito' })
    const group = emulator.addGroup({ title: 'Shop', members: [dan, ann], bot: 'left' })
    ann.setBot(group, 'member')
    await emulator.waitForMessage(ann, says('I am in Shop now'))
    await stage.owner.query(trustMutation, { id: String(group) })
    dan.start()
    await press(dan, await emulator.waitForMessage(dan, hasButton('Join as Dan Ito')), 'Join as Dan Ito')
    dan.send('/apps')
    expect(labelsOf(await emulator.waitForMessage(dan, hasButton('Parked')))).toContain('Asking')
  })

  test('a code is good once; an unknown or spent one is told and lets nobody in', async () => {
    const eve = stage.emulator.addUser({ first_name: 'Eve' })
    eve.start('AAAAAAAAAA')
    await stage.emulator.waitForMessage(eve, says('This code is not known, used up or too old'))
    eve.send('/apps')
    await stage.emulator.waitForMessage(eve, says('Ask Olga'))
  })

  test('whoever blocked the bot misses nothing else: work goes on, the owner sees it, and cards come again afterwards', async () => {
    li.block()
    await launch(ann, 'later', 'blocked')
    await failed(ann, 'blocked')
    await expect
      .poll(async () => (await stage.owner.query(deliveriesQuery)).deliveries.nodes.map(({ error }) => error), {
        timeout: 15_000,
      })
      .toContainEqual(expect.stringContaining('blocked'))
    li.unblock()
    await launch(ann, 'later', 'unblocked')
    await failed(li, 'unblocked')
  })

  test('a form under way and updates told twice survive a restart', async () => {
    const { emulator } = stage
    ann.send('/run later')
    await emulator.waitForMessage(ann, says('step 1 of 2'))
    ann.send('restart')
    const second = await emulator.waitForMessage(ann, both(says('What: restart'), says('step 2 of 2')))
    const told = emulator.log.filter(({ kind }) => kind === 'deliver').at(-1)?.['updates'] as unknown[]
    await stage.restart()
    for (const update of told) emulator.redeliver(update)
    await press(ann, second, 'Leave empty')
    const review = await emulator.waitForMessage(ann, hasButton('Launch'))
    expect(review.text).toContain('What: restart')
    await press(ann, review, 'Launch')
    await failed(ann, 'restart')
  })

  test('texts and cards come in the reader’s language', async () => {
    const lin = await stage.person('林晓', 'starter', [], 'zh-hans')
    lin.send('/run later what=中文')
    await press(lin, await stage.emulator.waitForMessage(lin, hasButton('留空')), '留空')
    await press(lin, await stage.emulator.waitForMessage(lin, hasButton('运行')), '运行')
    await stage.emulator.waitForMessage(lin, hasButton('重试'), 15_000)
  })

  test('the way to the phone page is a link that signs its reader in, once, after a press or with Telegram’s word, and says so', async () => {
    ann.start()
    await press(ann, await stage.emulator.waitForMessage(ann, hasButton('Open Baton')), 'Open Baton')
    const link = await stage.emulator.waitForMessage(ann, says('/sign-in#code='))
    const code = /#code=([\w-]+)/.exec(link.text)?.[1]
    const signIn = (more: object) =>
      fetch(`${stage.url}/auth/sign-in`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code, ...more }),
      })
    const eve = (await initDataMaker()).makeInitData({
      token: stage.emulator.token,
      user: { id: 1, first_name: 'Eve' },
    })
    for (const more of [{}, { initData: eve }, { initData: 'hash=0' }])
      expect(await (await signIn(more)).json()).toEqual({ needs: 'confirm', to: 'Ann' })
    const entered = await signIn({ initData: ann.initData() })
    expect([entered.status, entered.headers.get('set-cookie') !== null]).toEqual([200, true])
    expect((await signIn({ confirm: true })).status).toBe(404)
    const told = await stage.emulator.waitForMessage(ann, says('Your sign-in link was used'))
    expect(told.text).toContain('/me/account')
  })

  test('a code that makes somebody of an account says first of whom; a press does it, and they are told', async () => {
    ann.send('/link')
    const made = await stage.emulator.waitForMessage(ann, says('Your code:'))
    const code = /Your code: ([A-Z0-9]+)/.exec(made.text)?.[1] ?? ''
    const other = stage.emulator.addUser({ first_name: 'Anni' })
    other.start(code)
    const asked = await stage.emulator.waitForMessage(other, hasButton('Yes, I am Ann'))
    expect(asked.text).toContain('what you do here is then done by Ann')
    other.send('/tasks')
    await stage.emulator.waitForMessage(other, says('not in Baton yet')) // nothing has been done
    await press(other, asked, 'Yes, I am Ann')
    const home = await stage.emulator.waitForMessage(other, says('This account is now Ann'))
    expect(home.reply_markup).toBeDefined() // with what there is for them
    await stage.emulator.waitForMessage(ann, both(says('Another account is yours now'), says('Anni')))
  })

  test('a Mini App signs in by what Telegram vouches for, and by nothing else', async () => {
    const { makeInitData } = await initDataMaker()
    const signIn = (initData: string) =>
      fetch(`${stage.url}/auth/telegram`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ initData }),
      })
    const good = await signIn(ann.initData())
    expect([good.status, good.headers.get('set-cookie') !== null]).toEqual([200, true])
    // The unit test has every way of spoiling it; tries are counted here, as anywhere a code is asked for.
    for (const how of ['tampered-user', 'wrong-token', 'stale', 'duplicate-key']) {
      const forged = await signIn(
        makeInitData({ token: stage.emulator.token, user: { id: ann.id, first_name: 'Ann' }, how }),
      )
      expect([how, forged.status, forged.headers.get('set-cookie')]).toEqual([how, 403, null])
    }
    const stranger = makeInitData({ token: stage.emulator.token, user: { id: 1, first_name: 'Eve' } })
    expect((await signIn(stranger)).status).toBe(404)
  })

  test('nothing of all this was done in a way Telegram punishes', () => {
    stage.emulator.log.assertClean()
  })
})
