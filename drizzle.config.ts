import { defineConfig } from 'drizzle-kit'

// One migrations folder for the engine's tables and the catalogue's.
export default defineConfig({
  dialect: 'sqlite',
  schema: ['./engine/store/schema.ts', './engine/store/catalogue/tables/*.ts'],
  out: './engine/store/migrations',
})
