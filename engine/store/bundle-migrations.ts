import { readFileSync, writeFileSync } from 'node:fs'

// drizzle-kit writes .sql files; Workers have no file system, so both runtimes read this module. Run by `npm run db:generate`.
const folder = new URL('./migrations/', import.meta.url)
const journal = JSON.parse(readFileSync(new URL('meta/_journal.json', folder), 'utf8')) as {
  entries: { tag: string }[]
}
const migrations = journal.entries.map(({ tag }) => ({
  tag,
  sql: readFileSync(new URL(`${tag}.sql`, folder), 'utf8')
    .split('--> statement-breakpoint')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== ''),
}))
const source = `// Made by \`npm run db:generate\` from the .sql files beside it.
export const MIGRATIONS: readonly { readonly tag: string; readonly sql: readonly string[] }[] = ${JSON.stringify(migrations, null, 2)}
`
writeFileSync(new URL('index.ts', folder), source)
