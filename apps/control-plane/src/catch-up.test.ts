import { expect, it } from 'vitest'
import { createCatchUp } from './catch-up.ts'

const lag = (topic: string, position: number, left: number) => ({ topic, partition: 0, position, lag: left })

it('is done when every partition has reached the end that stood there first, and stays so', () => {
  const catchUp = createCatchUp()
  expect(catchUp.left([])).toBeNull()
  // While a group is rebalanced there are no partitions to speak of.
  catchUp.note([])
  expect(catchUp.left([lag('exposures', 10, 0)])).toBeNull()
  catchUp.note([lag('exposures', 0, 100), lag('outcomes', 20, 30)])
  expect(catchUp.left([lag('exposures', 100, 0), lag('outcomes', 20, 40)])).toBe(30)
  // A partition that was taken away is not one that has been read.
  expect(catchUp.left([lag('exposures', 100, 0)])).toBe(50)
  catchUp.note([lag('exposures', 100, 900), lag('outcomes', 45, 900)])
  expect(catchUp.left([lag('exposures', 100, 900), lag('outcomes', 50, 895)])).toBe(0)
  expect(catchUp.left([])).toBe(0)
})
