/** What a browser says it is, as far as it never changes while a session lasts: not its version, which moves every month. */
export function browserOf(headers: Headers): string | null {
  const said = headers.get('user-agent')
  if (!said) return null
  const name = NAMES.find(([, pattern]) => pattern.test(said))?.[0] ?? 'Browser'
  const system = SYSTEMS.find(([, pattern]) => pattern.test(said))?.[0]
  return system === undefined ? name : `${name} · ${system}`
}
/** The first that fits: most call themselves Chrome and Safari as well. */
const NAMES: readonly (readonly [string, RegExp])[] = [
  ['Edge', /\bEdg(?:e|A|iOS)?\//],
  ['Opera', /\bOPR\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Headless)?(?:Chrome|CriOS|Chromium)\//],
  ['Safari', /\bSafari\//],
]
const SYSTEMS: readonly (readonly [string, RegExp])[] = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['Windows', /\bWindows\b/],
  ['Mac', /\bMac OS X\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Linux', /\bLinux\b/],
]
