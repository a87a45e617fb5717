import { afterEach, describe, expect, test, vi } from 'vitest'
import { haveEmulators } from '../emulators.ts'
import { setTheStage, type Stage } from './telegram-baton.ts'
import { hasButton, inChat, labelsOf, press, type TgMessage, type TgPerson } from './telegram-support.ts'

const documents = `apiVersion: baton/v1
kind: Flow
metadata: {name: told, title: Told}
spec:
  variables:
    what: {type: text, title: What, required: true, onCard: true}
    dir: {type: text, title: Folder, required: true, default: "/nowhere-4711"}
  nodes:
    unpack:
      use: ssh.script@1
      title: Unpack
      with:
        host: build-1
        script: "for n in $(seq 1 30); do echo \\"unpacked <b> $n\\"; done"
    deploy:
      use: ssh.script@1
      title: Deploy
      with: {host: web-1, script: "echo looking at $1; test -d $1", args: ["\${dir}"]}
      onFail: {then: ask}
      allow: {retry: [starter, operator], skip: [starter, operator]}
---
apiVersion: baton/v1
kind: App
metadata: {name: told, title: Told}
spec: {flow: told, launch: [everyone], see: ["role:ops"], operators: ["role:ops"], taskTitle: "Tell \${what}"}
`
let stage: Stage | undefined
afterEach(async () => {
  await stage?.stop()
  stage = undefined
})
const LONG = 60_000
const PRINTED = 'looking at'

const beneath = ({ emulator }: Stage, chat: TgPerson | number, root: TgMessage): readonly TgMessage[] =>
  inChat(emulator, chat).filter(
    (message) => message.reply_to_message?.message_id === root.message_id && message.text.startsWith('History'),
  )
const told = (messages: readonly TgMessage[]): string => messages.map(({ text }) => text).join('\n')
async function launch({ emulator }: Stage, person: TgPerson, what: string, chat?: number): Promise<void> {
  person.send(`/run told what=${what} dir=/nowhere-4711`, chat === undefined ? {} : { chat })
  const at = chat ?? person
  await press(person, await emulator.waitForMessage(at, hasButton('Launch'), LONG), 'Launch')
}

describe.skipIf(!haveEmulators).each(['polling', 'webhook'] as const)('replies beneath a card, by %s', (way) => {
  test('a group reads who did what and no line of a log; the log goes to whoever asks for it, in private', async () => {
    stage = await setTheStage(way)
    await stage.apply(documents)
    const { emulator } = stage
    const ann = await stage.person('Ann', 'starter')
    const otto = await stage.person('Otto', 'operator', ['ops'])
    const max = emulator.addUser({ first_name: 'Max' })
    const group = emulator.addGroup({ title: 'Ops', members: [ann, otto, max] })
    await launch(stage, ann, 'v1', group)
    const card = await emulator.waitForMessage(
      group,
      (message) => message.text.includes('Tell v1') && labelsOf(message).includes('Open'),
      LONG,
    )
    await vi.waitFor(() => expect(told(beneath(stage!, group, card))).toContain('Deploy failed'), { timeout: LONG })
    const [page, ...others] = beneath(stage, group, card)
    expect(others).toEqual([])
    expect(page?.text).toMatch(/Ann · Launched → Started · Unpack started\n.*Unpack done/)
    expect(labelsOf(page!)).toEqual(['Show log'])

    expect((await press(otto, page!, 'Show log')).text).not.toContain(PRINTED)
    const shown = await emulator.waitForMessage(otto, ({ text }) => text.includes(PRINTED), LONG)
    expect(labelsOf(shown)).toContain('Log: Unpack')
    await press(otto, shown, 'Log: Unpack')
    await emulator.waitForMessage(otto, ({ text }) => text.includes('unpacked <b> 30'), LONG)
    await press(max, page!, 'Show log')
    expect(inChat(emulator, max)).toEqual([])

    const alert = await emulator.waitForMessage(otto, hasButton('Skip…'), LONG)
    await press(otto, alert, 'Skip…')
    await otto.reply(await emulator.waitForMessage(otto, ({ text }) => text.includes('Reason'), LONG), 'by hand later')
    await vi.waitFor(() => expect(told(beneath(stage!, group, card))).toMatch(/Otto · Deploy skipped.*Succeeded/s), {
      timeout: LONG,
    })
    expect(beneath(stage, group, card)).toHaveLength(1) // one message, edited
    for (const { text } of inChat(emulator, group).filter(({ text: said }) => !said.startsWith('/run')))
      expect(text).not.toMatch(/looking at|unpacked|nowhere-4711/)
    emulator.log.assertClean()
  })

  test('in private the replies hold the last lines of each step too', async () => {
    stage = await setTheStage(way)
    await stage.apply(documents)
    const { emulator } = stage
    const ann = await stage.person('Ann', 'starter')
    await launch(stage, ann, 'v2')
    const card = await emulator.waitForMessage(
      ann,
      (message) => message.text.includes('Tell v2') && labelsOf(message).includes('Open'),
      LONG,
    )
    await vi.waitFor(() => expect(told(beneath(stage!, ann, card))).toContain(PRINTED), { timeout: LONG })
    const pages = beneath(stage, ann, card)
    expect(pages.length).toBeLessThanOrEqual(2)
    expect(told(pages)).toMatch(/unpacked <b> 30.*All 30 lines|All 30 lines.*unpacked <b> 30/s)
    expect(told(pages)).not.toContain('unpacked <b> 2\n') // the last lines only
    emulator.log.assertClean()
  })
})
