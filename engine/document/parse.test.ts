import { expect, test } from 'vitest'
import { parseDocuments } from './parse.ts'

test.each([
  { text: '# why\nkind: X # what\n', sources: ['# why\nkind: X # what\n'] },
  {
    text: '# a\n\n# b\nkind: X\n# end\n---\n# two\nkind: Y\n',
    sources: ['# a\n\n# b\nkind: X\n# end\n', '# two\nkind: Y\n'],
  },
  { text: '---\n# why\nkind: X\n---\nkind: Y\n', sources: ['# why\nkind: X\n', 'kind: Y\n'] },
  { text: '--- # why\nkind: X\n', sources: ['# why\nkind: X\n'] },
  { text: '# why\n---\nkind: X\n', sources: ['# why\nkind: X\n'] },
  { text: '%YAML 1.2\n---\nkind: X\n', sources: ['kind: X\n'] },
  { text: '--- {kind: X}\n', sources: ['{kind: X}\n'] },
  { text: '\uFEFF# why\nkind: X\n', sources: ['# why\nkind: X\n'] },
])('the text of each document keeps the comments above its first key: $text', ({ text, sources }) => {
  const { documents } = parseDocuments(text)
  expect(documents.map(({ source }) => source)).toEqual(sources)
  for (const { source, value } of documents) expect(parseDocuments(source).documents[0]?.value).toEqual(value)
})
