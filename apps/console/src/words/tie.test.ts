import { expect, it } from 'vitest'
import { tie } from './tie.ts'

it('makes a minus as wide as a plus, and of no hyphen', () => {
  expect(tie('below -15.8 points, [-3, 2], 2026-11-22, p < 1e-300, home-2')).toBe(
    'below −15.8\u00a0points, [−3, 2], 2026-11-22, p < 1e-300, home-2',
  )
})

it('ties numbers to their units, and nothing else', () => {
  expect(tie('between 3.4 points and 14 points (95 % interval), 12 units, 3 arms')).toBe(
    'between 3.4\u00a0points and 14\u00a0points (95\u00a0% interval), 12\u00a0units, 3 arms',
  )
})
