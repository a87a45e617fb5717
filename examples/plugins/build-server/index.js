import { definePlugin, done, fail, notPerformed, pollAfter, secret, z } from 'baton/plugin'

const POLL_S = 5
const AWAY_S = 30
/** Secrets come with every call: a state that held them would be kept. */
const keyOf = (ctx) => ({ authorization: `Bearer ${ctx.secrets.token}` })

/** `build.run@1`: starts a build at a build server and waits until it has ended. Codes: `REFUSED`, `BUILD_FAILED`. */
export default definePlugin({
  code: 'build.run',
  version: '1.0.0',
  title: 'Run a build',
  icon: 'hammer',
  inputs: z.object({
    server: z.url().describe('Address of the build server.'),
    token: secret(z.string()).describe('A key of the build server.'),
    project: z.string().min(1),
    branch: z.string().default('main'),
  }),
  outputs: z.object({ build: z.int(), artifact: z.string() }),
  repeat: () => true, // the server knows the idempotency key and starts one build for it, however often it is asked

  async execute(ctx, { server, project, branch }) {
    const answer = await ctx.fetch(new URL(`projects/${encodeURIComponent(project)}/builds`, server).href, {
      method: 'POST',
      headers: {
        ...keyOf(ctx),
        'content-type': 'application/json',
        'idempotency-key': ctx.idempotencyKey,
      },
      body: JSON.stringify({ branch }),
    })
    if (!answer.ok)
      return fail({ code: 'REFUSED', message: `${project} cannot be built: the server answered ${answer.status}` })
    const { number, url } = await answer.json()
    ctx.log(`Build ${number} of ${project} (${branch}) has begun\n`)
    return pollAfter(POLL_S, { number, url })
  },

  async poll(ctx, { number, url }) {
    const answer = await ctx.fetch(url, { headers: keyOf(ctx) }).catch(() => null)
    if (answer !== null && answer.status >= 400 && answer.status < 500 && answer.status !== 429)
      return fail({ cause: 'lost', message: `Build ${number} may still run: the server answered ${answer.status}` })
    const said = answer?.ok ? await answer.json().catch(() => null) : null
    if (said === null) {
      // It builds on without us: a server that is away for a moment is asked again. The step's own timeout bounds that.
      ctx.progress(`build ${number}: the server does not answer as it should`)
      return pollAfter(AWAY_S, { number, url })
    }
    const { state, artifact } = said
    if (state === 'passed') return done({ build: number, artifact })
    if (state === 'failed') return fail({ code: 'BUILD_FAILED', message: `Build ${number} failed` })
    ctx.progress(`build ${number} is ${state}`)
    return pollAfter(POLL_S, { number, url })
  },

  /** True: the server says that it has ended. */
  async cancel(ctx, state) {
    if (state === null) return false // the call to start it may be on its way
    const answer = await ctx.fetch(state.url, { method: 'DELETE', headers: keyOf(ctx) })
    return answer.ok
  },

  async rehearse(ctx, { project, branch }) {
    ctx.log(`Would build ${project} (${branch}). Not performed.\n`)
    return notPerformed()
  },
})
