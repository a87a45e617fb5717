const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export type Instant = string | number
const ms = (at: Instant): number => (typeof at === 'number' ? at : Date.parse(at))

/** How times, lengths, numbers and lists are written in one language and zone. */
export function formats(language: 'en' | 'zh', zone: string | undefined) {
  const locale = language === 'zh' ? 'zh-Hans' : 'en-GB' // 24 h clock, day before month
  const zoned = zone === undefined ? {} : { timeZone: zone }
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...zoned })
  const seconds = new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    ...zoned,
  })
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', ...zoned })
  const full = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'long', ...zoned })
  const dayKey = new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', ...zoned })
  const plain = new Intl.NumberFormat(locale)
  const and = new Intl.ListFormat(language === 'zh' ? 'zh-Hans' : 'en-GB', { type: 'conjunction' })
  const or = new Intl.ListFormat(language === 'zh' ? 'zh-Hans' : 'en-GB', { type: 'disjunction' })
  const listed = (list: Intl.ListFormat, parts: readonly string[]): string => {
    const pieces = list.formatToParts(parts).map(({ value }) => value)
    return language === 'zh' ? spaced(pieces) : pieces.join('')
  }
  const words =
    language === 'zh'
      ? {
          now: '刚刚',
          min: ' 分钟',
          minAgo: ' 分钟前',
          hour: ' 小时',
          hourAgo: ' 小时前',
          h: ' 小时',
          m: ' 分',
          s: ' 秒',
        }
      : { now: 'just now', min: ' min', minAgo: ' min ago', hour: ' h', hourAgo: ' h ago', h: ' h', m: ' min', s: ' s' }

  const time = (at: Instant): string => clock.format(ms(at))
  /** Today the time, else the date too. */
  const when = (at: Instant, now: number): string =>
    dayKey.format(ms(at)) === dayKey.format(now) ? time(at) : `${day.format(ms(at))} ${time(at)}`

  return {
    time,
    when,
    seconds: (at: Instant): string => seconds.format(ms(at)),
    exact: (at: Instant): string => full.format(ms(at)),
    /** Relative up to 24 hours, then the date. */
    ago(at: Instant, now: number): string {
      const age = Math.max(0, now - ms(at))
      if (age < MINUTE) return words.now
      if (age < HOUR) return Math.floor(age / MINUTE) + words.minAgo
      if (age < DAY) return Math.floor(age / HOUR) + words.hourAgo
      return day.format(ms(at))
    },
    /** `1:47`, `1:02:03`: in rows, where it stacks. */
    elapsed(lengthMs: number): string {
      const s = Math.max(0, Math.floor(lengthMs / 1000))
      const two = (part: number): string => String(part).padStart(2, '0')
      const [hours, minutes] = [Math.floor(s / 3600), Math.floor(s / 60) % 60]
      return hours > 0 ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`
    },
    /** `18 min 4 s`: in prose. */
    span(lengthMs: number): string {
      const s = Math.max(0, Math.round(lengthMs / 1000))
      if (s < 60) return s + words.s
      const [hours, minutes] = [Math.floor(s / 3600), Math.floor(s / 60) % 60]
      if (hours > 0) return hours + words.h + (minutes > 0 ? ` ${minutes}${words.m}` : '')
      return minutes + words.m + (s % 60 > 0 ? ` ${s % 60}${words.s}` : '')
    },
    /** `6 min`, `2 h`: one unit, for what is roughly so. */
    rough(lengthMs: number): string {
      if (lengthMs < MINUTE) return Math.max(1, Math.round(lengthMs / 1000)) + words.s
      if (lengthMs < 2 * HOUR) return Math.round(lengthMs / MINUTE) + words.min
      return Math.round(lengthMs / HOUR) + words.hour
    },
    number: (value: number): string => plain.format(value),
    and: (parts: readonly string[]): string => listed(and, parts),
    or: (parts: readonly string[]): string => listed(or, parts),
  }
}

const HAN_THEN_LATIN = /\p{Script=Han}\n[\p{Script=Latin}\d@#]/u
const LATIN_THEN_HAN = /[\p{Script=Latin}\d]\n\p{Script=Han}/u
/** Puts parts of a Chinese sentence together: a space where Han and Latin meet. What is inside a part stays as it is. */
export function spaced(parts: readonly string[]): string {
  let whole = ''
  for (const part of parts) {
    const seam = `${[...whole.slice(-2)].at(-1) ?? ''}\n${[...part.slice(0, 2)][0] ?? ''}`
    whole += HAN_THEN_LATIN.test(seam) || LATIN_THEN_HAN.test(seam) ? ` ${part}` : part
  }
  return whole
}

/** `web-1 to web-5` for runs of three and more, so that a long list stays readable and nothing is cut off. */
export function ranges(names: readonly string[], to: string): string[] {
  const parts: string[] = []
  for (let at = 0; at < names.length;) {
    const [, stem, digits] = /^(.*?)(\d+)$/.exec(names[at] ?? '') ?? []
    let end = at
    if (stem !== undefined && digits !== undefined) {
      while (names[end + 1] === stem + String(Number(digits) + end + 1 - at).padStart(digits.length, '0')) end++
    }
    if (end - at >= 2) {
      parts.push(`${names[at]}${to}${names[end]}`)
      at = end + 1
    } else parts.push(names[at++] ?? '')
  }
  return parts
}

/** Initials as people know each other by: two Latin letters, or the last Han character of a short name. */
export function initialsOf(name: string): string {
  const trimmed = name.trim()
  const han = [...trimmed].filter((letter) => /\p{Script=Han}/u.test(letter))
  if (han.length > 0) return han.at(-1) ?? ''
  const words = trimmed.split(/[\s._@-]+/u).filter(Boolean)
  const letters =
    words.length > 1 ? [words[0], words.at(-1)].map((word) => [...(word ?? '')][0]) : [...(words[0] ?? '?')].slice(0, 2)
  return letters.join('').toUpperCase()
}

/** One of four avatar colours, the same for a person everywhere. */
export function avatarOf(id: string): number {
  let hash = 0
  for (const letter of id) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) | 0
  return Math.abs(hash) % 4
}
