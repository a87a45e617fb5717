/** `npm run slack:manifest [-- https://baton.example]`: prints the manifest; with an address for HTTP mode, without for Socket Mode. */
import { slackManifest } from './manifest.ts'

const [given] = process.argv.slice(2)
const url = given ?? process.env['BATON_URL']
if (url !== undefined && !/^https:\/\/[^\s/]+/.test(url)) {
  process.stderr.write(
    `Slack calls https addresses only, but this is "${url}". Leave it out for Socket Mode, which needs none.\n`,
  )
  process.exit(1)
}
process.stdout.write(`${JSON.stringify(slackManifest(url === undefined ? {} : { url }), null, 2)}\n`)
