/** One life of an engine for W4, W5 and W6, in a process of its own so that it can be killed, and its memory is its own. Prints its figures as JSON. */
import { writeSync } from 'node:fs'
import { countdown, nowMs } from './measure.ts'
import { approval, launchAll, parked } from './parked.ts'
import { bench, flowOf, sequence } from './world.ts'

const [role, file, n = '0'] = process.argv.slice(2) as [string, string, string?]
const TASKS = 1_000
const NODES = 10
const ten = flowOf('ten', sequence(NODES))
const asked = flowOf('asked', approval)
const print = (figures: object): void => void writeSync(1, `${JSON.stringify(figures)}\n`)
const die = (): boolean => process.kill(process.pid, 'SIGKILL')

let runs = 0
switch (role) {
  case 'w4':
    print(await parked(Number(n)))
    process.exit(0)
    break
  case 'w5-first': {
    const onRun = (): void => {
      if (++runs < TASKS * NODES * 0.4) return
      print({ runs, answered })
      die()
    }
    const world = await bench({ file, flows: [ten], onRun })
    let answered = 0 // in the order they were asked for
    for (let i = 0; i < TASKS; i++) void world.launch('ten', i).then(() => (answered += 1))
    break
  }
  case 'w5-second': {
    const begin = nowMs()
    let check = (): void => {}
    const world = await bench({ file, flows: [ten], onRun: () => void runs++, onEnd: () => check() })
    const open = (): number => world.engine.stats().inMemory
    const again: Promise<string>[] = []
    for (let i = Number(n); i < TASKS; i++) again.push(world.launch('ten', i))
    await Promise.all(again)
    await new Promise<void>((resolve) => {
      check = () => setImmediate(() => open() === 0 && resolve())
      check()
    })
    const ms = nowMs() - begin
    const done = world.db.prepare("SELECT count(*) FROM journal WHERE events LIKE '%task_ended%'").get()![0] as number
    print({ ms, runs, lost: TASKS - done })
    await world.close()
    break
  }
  case 'w6-first': {
    const world = await bench({ file, flows: [asked] })
    await launchAll(world, 'asked', Number(n))
    print({ n: Number(n) })
    die()
    break
  }
  case 'w6-second': {
    const begin = nowMs()
    const first = countdown(1)
    const world = await bench({ file, flows: [asked, ten], onRun: first.hit })
    void world.launch('ten', begin)
    await first.done
    print({ ms: nowMs() - begin })
    die()
  }
}
