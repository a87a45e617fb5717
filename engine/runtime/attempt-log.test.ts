import { expect, test } from 'vitest'
import type { LogBatch } from '../store/task-store.ts'
import { AttemptLog, LOG_LIMITS } from './attempt-log.ts'
import type { LogLine } from './engine.ts'
import { createMasker, MASK } from './mask.ts'

function setup(from = { total: 0, dropped: 0 }) {
  const batches: LogBatch[] = []
  const live: LogLine[] = []
  const log = new AttemptLog({
    task: 't',
    node: 'n',
    attempt: 1,
    from,
    now: () => 7,
    write: async (batch) => void batches.push(batch),
    onLine: (line) => live.push(line),
    onWaiting: () => {},
  })
  return { log, batches, live, texts: () => live.map((line) => line.text) }
}
const masker = createMasker(['hunter22'])

test('chunks become lines, whichever way they are cut, and a secret across the border is masked', () => {
  const { log, texts } = setup()
  for (const chunk of ['one\ntw', 'o\r\npass hun', 'ter22 end\n', 'rest']) log.add(chunk, 'stdout', null, masker)
  log.finish(null, masker)
  expect(texts()).toEqual(['one', 'two', `pass ${MASK} end`, 'rest'])
})
test('a line without end is cut, but never inside a secret', () => {
  const { log, texts } = setup()
  log.add(`${'x'.repeat(LOG_LIMITS.lineChars)}hunt`, 'stdout', null, masker)
  log.add('er22\n', 'stdout', null, masker)
  expect(texts()).toEqual(['x'.repeat(LOG_LIMITS.lineChars), MASK])
})
test('positions go on where an earlier run of the attempt stopped', async () => {
  const { log, batches, live } = setup({ total: 5, dropped: 0 })
  log.add('again', 'info', null, masker)
  await log.flush()
  expect(live[0]?.n).toBe(5)
  expect(batches).toEqual([
    { task: 't', node: 'n', attempt: 1, first: 5, dropped: 0, lines: [[7, 'info', 'again', null]] },
  ])
})
test('streams and items do not mix their unfinished lines', () => {
  const { log, live } = setup()
  log.add('a', 'stdout', 0, masker)
  log.add('b', 'stdout', 1, masker)
  log.add('c\n', 'stderr', 0, masker)
  log.finish(0, masker)
  log.finish(1, masker)
  expect(live.map(({ text, item }) => [text, item])).toEqual([
    ['c', 0],
    ['a', 0],
    ['b', 1],
  ])
})
test('beyond the cap the end is kept, with a line that says how much is missing', async () => {
  const { log, texts, batches } = setup()
  const total = LOG_LIMITS.lines + LOG_LIMITS.tail + 30
  for (let i = 0; i < total; i++) log.add(`${i}\n`, 'stdout', null, masker)
  await log.flush(true)
  expect(texts().at(-1)).toBe(String(total - 1))
  expect(texts()[LOG_LIMITS.lines]).toBe('… 30 lines left out …')
  expect(batches.at(-1)?.dropped).toBe(30)
})
