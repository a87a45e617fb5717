/** A process of its own that begins a script on this machine and may be killed in the middle. */
import { testContext } from '../../testing.ts'
import { localScript } from '../local.ts'

const { key, home, inputs } = JSON.parse(process.env.BATON_TEST_RUN ?? '{}') // written by the test beside this file
const plugin = localScript({ home })
const ctx = testContext({ key, onLog: (text) => process.stdout.write(`log ${JSON.stringify(text)}\n`) })
await plugin.execute(ctx, plugin.inputs.parse(inputs))
