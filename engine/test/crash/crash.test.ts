import { expect, test } from 'vitest'
import { crash } from './run.ts'

// The long form is `npm run crash`.
test(
  'killed at random moments under load: nothing acknowledged is lost, and what must not repeat starts at most once',
  { timeout: 120_000 },
  async () => {
    const { problems, tasks, starts } = await crash({ seed: 7, kills: 5, tasksPerLife: 12, maxLifeMs: 250 })
    expect(problems).toEqual([])
    expect(Math.min(tasks, starts)).toBeGreaterThan(0)
  },
)
