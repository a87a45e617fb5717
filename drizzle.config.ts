import { existsSync } from 'node:fs'
import { defineConfig } from 'drizzle-kit'

// One migrations folder for the engine's tables and the catalogue's.
const schemas = ['./engine/store/schema.ts', './engine/store/catalogue/schema.ts']
export default defineConfig({
  dialect: 'sqlite',
  schema: schemas.filter((file) => existsSync(file)),
  out: './engine/store/migrations',
})
