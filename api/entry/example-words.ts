import { parseAllDocuments, isScalar, visit } from 'yaml'

/** Where documents hold what people read. Everything else, scripts and names of things above all, stays as it is. */
const READ: ReadonlySet<unknown> = new Set([
  ...['title', 'help', 'text', 'advice', 'confirm', 'taskTitle', 'stage', 'message', 'category'],
])
export type Words = Readonly<Record<string, string>>

/** What people read of some documents, each once. What is an expression alone says nothing in any language. */
export function wordsIn(source: string): ReadonlySet<string> {
  const found = new Set<string>()
  worded(source, (text) => {
    if (!/^\$\{[^}]*\}$/.test(text)) found.add(text)
    return text
  })
  return found
}
/** The documents in other words; comments and order stay. */
export const inWords = (source: string, words: Words): string => worded(source, (text) => words[text] ?? text)

function worded(source: string, say: (text: string) => string): string {
  const documents = parseAllDocuments(source)
  for (const document of documents)
    visit(document, {
      Pair(_, { key, value }) {
        if (isScalar(key) && READ.has(key.value) && isScalar(value) && typeof value.value === 'string')
          value.value = say(value.value)
      },
    })
  return documents.map((document) => document.toString({ lineWidth: 0 })).join('')
}
