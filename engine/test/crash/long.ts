/** `npm run crash [-- rounds [seed]]`: the crash test with other seeds, until it has run `rounds` times or found something. */
import { crash } from './run.ts'

const rounds = Number(process.argv[2] ?? 50)
const first = Number(process.argv[3] ?? Date.now() % 100_000)
let [kills, tasks, starts, lost] = [0, 0, 0, 0]
for (let round = 0; round < rounds; round++) {
  const options = { seed: first + round, kills: 20, tasksPerLife: 30, maxLifeMs: 400 }
  const result = await crash(options)
  kills += options.kills
  tasks += result.tasks
  starts += result.starts
  lost += result.lost
  if (result.problems.length > 0) {
    process.stderr.write(`seed ${options.seed}:\n${result.problems.join('\n')}\n`)
    process.exit(1)
  }
  process.stdout.write(
    `round ${round + 1}/${rounds}, seed ${options.seed}: ${kills} kills, ${tasks} tasks, ${starts} starts, ${lost} lost and asked about, 0 problems\n`,
  )
}
