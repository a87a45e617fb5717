/** Fills the tables of docs/rights.md from what is enforced, so that a reviewer sees every change of who may what. */
import { readFileSync, writeFileSync } from 'node:fs'
import { filled } from '../api/auth/rights-table.ts'

const page = new URL('../docs/rights.md', import.meta.url)
writeFileSync(page, filled(readFileSync(page, 'utf8')))
