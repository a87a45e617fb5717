/** Stands where a secret stood. */
export const MASK = '•••'
/** Shorter than this is refused as a secret: masking it would blank ordinary text. */
const SHORTEST = 6

/** Replaces secrets in what leaves a plugin, in the forms they are seen in: as they are, per line, URL-encoded, base64, JSON-escaped. */
export interface Masker {
  text(text: string): string
  /** Every string inside a JSON value. */
  value<T>(value: T): T
  /** Whether `text` may end within a secret, and where that begins: what must be held back until more is known. */
  openEnd(text: string): number
  add(secrets: readonly string[]): void
}

/** Secrets may be added while it is in use (a host's key is known when the host is asked for). */
export function createMasker(secrets: readonly string[] = []): Masker {
  const masker = new NeedleMasker()
  masker.add(secrets)
  return masker
}

/** One for each body that runs, most of which have no secrets: until there is one it holds nothing. */
class NeedleMasker implements Masker {
  #needles: readonly string[] = []
  text(text: string): string {
    let masked = text
    for (const needle of this.#needles) if (masked.includes(needle)) masked = masked.replaceAll(needle, MASK)
    return masked
  }
  value<T>(value: T): T {
    if (this.#needles.length === 0) return value
    return maskDeep(value, (text) => this.text(text)) as T // same shape, other strings
  }
  openEnd(text: string): number {
    let begins = text.length
    for (const needle of this.#needles) {
      for (let start = Math.max(0, text.length - needle.length + 1); start < begins; start++) {
        if (needle.startsWith(text.slice(start))) begins = start
      }
    }
    return begins
  }
  add(more: readonly string[]): void {
    if (more.length === 0) return
    const known = new Set(this.#needles)
    for (const secret of more) for (const form of formsOf(secret)) known.add(form)
    // Longest first: a secret that holds another one is not left in pieces.
    this.#needles = [...known].sort((a, b) => b.length - a.length)
  }
}

function maskDeep(value: unknown, mask: (text: string) => string): unknown {
  if (typeof value === 'string') return mask(value)
  if (Array.isArray(value)) return value.map((item) => maskDeep(item, mask))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [mask(key), maskDeep(inner, mask)]))
}

/** Everything a secret looks like on its way through shells, URLs and headers. */
function formsOf(secret: string): string[] {
  // A key of many lines is printed line by line, and logs are read line by line.
  const pieces = new Set([secret, secret.trim(), ...secret.split(/\r?\n/).map((line) => line.trim())])
  const forms = new Set<string>()
  for (const piece of pieces) {
    if (piece.length < SHORTEST) continue
    const url = encodeURIComponent(piece)
    for (const form of [piece, url, url.replaceAll('%20', '+'), encodeURI(piece), JSON.stringify(piece).slice(1, -1)])
      forms.add(form)
    for (const form of base64Forms(piece)) forms.add(form)
  }
  return [...forms]
}

/** Base64 of a longer text that holds `piece` shows it in one of three alignments; the characters that neighbours touch are left out. */
function base64Forms(piece: string): string[] {
  const bytes = Buffer.from(piece)
  const forms = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replaceAll('=', '')
    const from = shift === 0 ? 0 : shift + 1
    const cut = (bytes.length + shift) % 3 === 0 ? 0 : 1
    return encoded.slice(from, encoded.length - cut)
  })
  // Alone it ends in what a neighbour would touch.
  return [...forms, bytes.toString('base64')]
    .flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')])
    .filter((form) => form.length >= SHORTEST)
}
