import { expect, test } from 'vitest'
import { masked, unmasked } from './mask.ts'

const held = {
  env: { TOKEN: { $secret: 'web.token' }, LEVEL: 'info' },
  headers: [{ $template: ['Bearer ', { $secret: 'web.token' }] }],
}

test('secrets are shown as dots, and dots that come back are the secrets', () => {
  expect(JSON.stringify(masked(held))).not.toContain('web.token')
  expect(unmasked(masked(held), held)).toEqual(held)
  expect(unmasked({ env: { TOKEN: '••••••', LEVEL: 'debug' } }, held)).toEqual({ env: { ...held.env, LEVEL: 'debug' } })
})
test('dots elsewhere are dots', () => {
  expect(unmasked({ env: { LEVEL: '••••••', more: '••••••' } }, held)).toEqual({
    env: { LEVEL: '••••••', more: '••••••' },
  })
})
