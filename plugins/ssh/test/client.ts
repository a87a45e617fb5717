/** A process of its own that begins a script and may be killed in the middle: what Baton is to a host when it crashes. */
import { testContext } from '../../testing.ts'
import { createPool } from '../connection.ts'
import { sshScript } from '../script.ts'

const { key, host, inputs } = JSON.parse(process.env.BATON_TEST_RUN ?? '{}') // written by the test beside this file
const plugin = sshScript(createPool())
const ctx = testContext({
  key,
  hosts: [host],
  onCheckpoint: (state) => process.stdout.write(`checkpoint ${JSON.stringify(state)}\n`),
  onLog: (text) => process.stdout.write(`log ${JSON.stringify(text)}\n`),
})
const result = await plugin.execute(ctx, plugin.inputs.parse(inputs))
process.stdout.write(`result ${JSON.stringify(result)}\n`)
await plugin.dispose?.()
